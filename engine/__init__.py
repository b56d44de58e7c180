"""Arithmetic that knows nothing of Odoo: plain values in, plain values out."""
from . import schedule, workdays
