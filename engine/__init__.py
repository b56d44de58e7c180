"""Arithmetic that knows nothing of Odoo: plain values in, plain values out."""
from . import anniversaries, churn, effect, explanation, greetings, phones, plain, schedule, scoring, workdays
