"""When posts come due: recurrence rules, the words that people say them in, time zones."""
