"""Twilio's webhooks → services → TwiML, and the telephone without a telephone company."""
