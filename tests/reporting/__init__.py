from . import test_analyses, test_dashboard, test_dashboard_tour, test_digest, test_pdf
