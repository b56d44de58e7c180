"""What a setting of the addon says of itself: see ``customer.settings.fields`` for how a wing declares one."""


class Within:
    """Check of a setting that is a number: both ends are allowed, an end that is None is open.

    :param refusal: function of ``env`` that returns the sentence for another number
    """

    def __init__(self, lowest, highest, refusal):
        self.lowest, self.highest, self.refusal = lowest, highest, refusal

    def __call__(self, settings, name):
        value = settings[name]
        fits = (self.lowest is None or value >= self.lowest) and (self.highest is None or value <= self.highest)
        return '' if fits else self.refusal(settings.env)


class Holds:
    """Check of settings that depend on each other.

    :param condition: function of the settings that tells whether they make sense together
    :param refusal: function of ``env`` that returns the sentence for where they don't
    """

    def __init__(self, condition, refusal):
        self.condition, self.refusal = condition, refusal

    def __call__(self, settings, name):
        return '' if self.condition(settings) else self.refusal(settings.env)
