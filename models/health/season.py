"""When a customer buys in one season of the year."""

#: Who was silent for so many days at least, and for twice as long as at any other time, may have been out of season.
OUT_OF_SEASON = 120

#: A season comes back after a year, earlier or later by so many days.
YEAR, LATE = 365, 45
