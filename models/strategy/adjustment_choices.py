STATES = [
    ('draft', "Draft"), ('submitted', "Submitted"), ('approved', "Approved"), ('refused', "Refused"),
    ('applied', "Applied"), ('reviewed', "Reviewed"), ('cancelled', "Withdrawn"),
]
VERDICTS = [
    ('effective', "Effective"), ('partly', "Partly effective"), ('not', "Not effective"), ('unknown', "Not known")]
ORIGINS = [
    ('person', "A person"), ('effect', "Poor effect"), ('warning', "Red warning"), ('segment', "Changed segment"),
    ('review', "Review"), ('verdict', "An adjustment that did not help"),
]
FEASIBILITIES = [('high', "High"), ('medium', "Medium"), ('low', "Low")]

#: Where an adjustment waits for something: no second one of the same customer may.
UNDER_WAY = ('submitted', 'approved')
