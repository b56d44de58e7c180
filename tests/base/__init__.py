from . import test_cached, test_fact, test_guarded, test_responsibility, test_routine, test_task, test_works_with
