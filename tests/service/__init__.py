from . import (
    test_case,
    test_case_facts,
    test_case_greetings,
    test_case_keeper,
    test_case_mail,
    test_case_people,
    test_case_process,
    test_case_revisit,
    test_case_sheet,
    test_case_tours,
    test_policy,
)
