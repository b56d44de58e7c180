from . import feedback, sheet
