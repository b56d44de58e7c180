from . import (
    test_analyses,
    test_dashboard,
    test_dashboard_tour,
    test_digest,
    test_import,
    test_import_back,
    test_import_kinds,
    test_import_tour,
    test_monthly,
    test_pdf,
    test_sheets,
    test_subscriptions,
)
