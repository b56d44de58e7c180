"""How hypothesis looks for counterexamples: a busy machine is no failure, and nothing is left in the folder."""
from hypothesis import HealthCheck, settings

settings.register_profile(
    'customer_success', deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile('customer_success')
