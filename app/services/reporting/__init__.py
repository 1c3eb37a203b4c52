"""What goes into the monthly report (D14): figures, sections, sentences made from figures, and the check for privacy."""
