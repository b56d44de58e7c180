from . import test_calendars, test_schedule, test_suitability, test_workdays
