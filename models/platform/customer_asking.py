from odoo import api, models
from odoo.exceptions import ValidationError

from .counted import customers

#: So many of the chosen rules are told of one by one.
NAMED = 5


class CustomerAsking(models.AbstractModel):
    """A rule that acts on many customers as soon as it is archived, or used again: Odoo's own *Archive* asks first.

    The views of such a model have the ``js_class`` ``customer_asking_form`` and ``customer_asking_list``.
    """

    _name = 'customer.asking'
    _description = "Rule That Is Archived After a Question"

    @api.readonly
    def customer_archiving(self, active):
        """Return what it would do to customers if these rules were archived or used again; nothing is changed.

        :param bool active: whether they are to be used again
        :return: a line for each rule
        :rtype: str
        """
        if not isinstance(active, bool):
            raise ValidationError(self.env._("Say whether the rules are to be used again: give true or false."))
        self.check_access('write')
        changed = self.filtered(lambda rule: rule.active != active)
        if not changed:
            return self.env._("They are used already: nothing would change.") if active \
                else self.env._("They are archived already: nothing would change.")
        lines = [
            self.env._("%(rule)s: %(what)s", rule=rule.display_name, what=rule._describe_archiving(active))
            for rule in changed[:NAMED]]
        if more := len(changed) - len(lines):
            lines.append(self.env._("And %(more)s more.", more=more))
        return "\n".join(lines)

    def _describe_archiving(self, active):
        """Return what it would do to customers if this rule was archived or used again, as a sentence.

        :param bool active: as of :meth:`customer_archiving`
        """
        raise NotImplementedError

    def _as_if(self, active):
        """Return this rule as it stands on a form on which nothing but that was changed."""
        self.ensure_one()
        return self.new({'active': active}, origin=self)

    def _describe_planned_anew(self, count):
        """Return that the follow-ups of so many customers would be planned anew."""
        return self.env._("the follow-ups of %(customers)s are planned anew.", customers=customers(self.env, count))
