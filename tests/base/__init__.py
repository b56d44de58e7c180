from . import test_cached, test_fact, test_guarded, test_narrowed, test_responsibility, test_routine, test_task, test_works_with
