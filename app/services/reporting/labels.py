"""Names and definitions of what the report shows: English msgids, translated by `words.translator`."""

from app.errors import N_

TITLES = {
    "figures": N_("The month in figures"),
    "requests": N_("What you asked for"),
    "hotline": N_("The hotline, day and night"),
    "complaints": N_("Complaints and what was done"),
    "emergencies": N_("Emergencies"),
    "repairs": N_("Repairs by building and category"),
    "services": N_("Services ordered"),
    "visits": N_("Return visits and satisfaction"),
    "fees": N_("Fees and collection"),
    "notices": N_("Messages sent"),
    "improvement": N_("Promised and kept"),
    "plan": N_("Plan for next month"),
    "stewards": N_("Your stewards"),
    "appendix": N_("Appendix: how the figures are made"),
    "special_events": N_("Special events"),
    # sections of D14 whose records are not kept yet; they are named in the appendix
    "home_visits": N_("Home visits"),
    "upkeep": N_("Patrols, cleaning, pest control, greening and equipment upkeep"),
    "procedures": N_("Renovation, moving in and letting"),
}

LABELS = {
    # figures
    "requests": N_("Requests"),
    "calls": N_("Calls to the hotline"),
    "in_time": N_("Handled in time"),
    "clocks_in_time": N_("Clocks met"),
    "first_response_mean": N_("First response, mean"),
    "first_response_p90": N_("First response, 90th percentile"),
    "handling_mean": N_("Handling time, mean"),
    "urgent_repair_mean": N_("Urgent repairs, mean time to done"),
    "satisfaction": N_("Satisfaction"),
    "complaints": N_("Complaints"),
    "complaint_rate": N_("Complaint rate"),
    "complaints_in_time": N_("Complaints handled in time"),
    "complaint_visits": N_("Return visits on complaints"),
    "emergencies": N_("Emergencies"),
    "accept_mean": N_("Emergencies accepted after, mean"),
    "collection": N_("Collection rate"),
    # kinds
    "repair": N_("Repairs"),
    "complaint": N_("Complaints"),
    "consultation": N_("Consultations"),
    "suggestion": N_("Suggestions"),
    "service": N_("Service orders"),
    "emergency": N_("Emergencies"),
    "praise": N_("Praise"),
    # channels
    "hotline": N_("Hotline"),
    "desk": N_("Front desk"),
    "web": N_("Web"),
    "wechat": N_("WeChat"),
    "app": N_("App"),
    "email": N_("E-mail"),
    "letter": N_("Letter"),
    "sms": N_("SMS"),
    "patrol": N_("Patrol"),
    "transfer": N_("Developer's centre"),
    "alert": N_("Alert to staff"),
    # outcomes of calls
    "ticket": N_("Became a ticket"),
    "contact_on_ticket": N_("Joined an open ticket"),
    "no_matter": N_("Progress or fees only"),
    "abandoned": N_("Hung up early, called back"),
    "silent": N_("Nothing said, called back"),
    "connected": N_("Put through to a person"),
    "fallback": N_("Recorded by the emergency line"),
    "open_call": N_("Without outcome"),
    # findings
    "valid": N_("Valid"),
    "assistance": N_("Assistance"),
    "invalid": N_("Invalid"),
    "open": N_("Not yet found"),
    # rungs of the ladder
    "on_duty": N_("On duty"),
    "backup": N_("Backup"),
    "manager": N_("Manager"),
    # ways of visiting
    "call": N_("Automatic call"),
    "phone": N_("Telephone"),
    "in_person": N_("In person"),
    # kinds of emergency plans
    "drill_fire": N_("A fire"),
    "drill_gas": N_("Gas leak"),
    "drill_water": N_("Burst pipe, flooding"),
    "drill_power": N_("Power failure, electric shock"),
    "drill_lift": N_("People trapped in a lift"),
    "drill_weather": N_("Severe weather"),
    "drill_other": N_("Other emergencies"),
    "drill_general": N_("General plan"),
    "uncategorised": N_("No category"),
    "no_building": N_("Common areas"),
}

DEFINITIONS = {
    "requests": N_(
        "Matters registered in the month through any channel. Calls that only asked for progress or fees are "
        "not counted."
    ),
    "calls": N_("Calls that reached the hotline in the month, whether or not the caller finished."),
    "in_time": N_(
        "Requests of which every ended clock was met ÷ requests whose clocks have all ended. A clock is a "
        "promised deadline, such as first response or done."
    ),
    "clocks_in_time": N_(
        "Clocks met ÷ clocks ended, of the month's requests, also of those that are not finished yet."
    ),
    "first_response_mean": N_(
        "Time from the arrival of a request until a person tells the reporter how it stands; automatic "
        "messages do not count. Mean."
    ),
    "first_response_p90": N_("The time within which nine of ten requests had their first response."),
    "handling_mean": N_("Time from registered to done of the month's requests that are done. Mean, around the clock."),
    "urgent_repair_mean": N_("The same for repairs of urgent and emergency priority. Mean."),
    "satisfaction": N_("Answers of 4 or 5 ÷ all answers (1 to 5) to return visits made in the month."),
    "complaints": N_("Complaints registered in the month, whatever was found."),
    "complaint_rate": N_(
        "Complaints ÷ occupied households: those that live in, let or renovate their home on the month's last day."
    ),
    "complaints_in_time": N_("As handled in time, complaints only."),
    "complaint_visits": N_(
        "Complaints of the month that were visited or found unreachable after several tries ÷ complaints that are done."
    ),
    "emergencies": N_("Emergencies registered in the month."),
    "accept_mean": N_(
        "Time from the alarm until somebody on the duty roster took the emergency by pressing a key. Mean."
    ),
    "collection": N_("Paid ÷ due of the month's bills, as known when the figures were frozen."),
}
