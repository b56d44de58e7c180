from . import test_calendar_rows, test_culture_data, test_planning
