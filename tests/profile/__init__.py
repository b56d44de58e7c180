from . import (
    test_confirm,
    test_documents,
    test_duplicate,
    test_handover,
    test_handover_tour,
    test_insights,
    test_numbers_process,
    test_profile,
    test_profile_tour,
    test_registry,
    test_seats,
    test_seats_tour,
)
