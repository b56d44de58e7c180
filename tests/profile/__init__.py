from . import (
    test_documents,
    test_insights,
    test_numbers_process,
    test_profile,
    test_registry,
    test_seats,
    test_seats_tour,
)
