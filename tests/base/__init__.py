from . import test_cached, test_fact, test_responsibility, test_routine, test_works_with
