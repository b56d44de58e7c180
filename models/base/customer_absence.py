from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


class CustomerAbsence(models.Model):
    """Days on which a user is away, and who takes the work meanwhile (CAD-9)."""

    _name = 'customer.absence'
    _description = "Absence"
    _order = 'date_from desc, id desc'

    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Who Is Away",
        required=True,
        index=True,
        ondelete='cascade',
        default=lambda self: self.env.user,
        domain=[('share', '=', False)],
    )
    backup_id = fields.Many2one(
        comodel_name='res.users',
        required=True,
        ondelete='cascade',
        domain=lambda self: self.env['customer.responsibility']._role_domain(),
        help="Gets the follow-ups that come due meanwhile, and hands back those still open.",
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", required=True, help="The last day away.")
    note = fields.Char()
    is_briefed = fields.Boolean(
        string="Briefed", readonly=True, copy=False, help="What happened meanwhile was read on the return.")

    _dates = models.Constraint('CHECK (date_to >= date_from)', "The absence ends before it begins.")
    _backup = models.Constraint('CHECK (backup_id <> user_id)', "Nobody is their own backup. Choose a colleague.")

    @api.constrains('user_id', 'backup_id', 'date_from', 'date_to')
    def _check_absence(self):
        for absence in self:
            same_days = Domain('date_from', '<=', absence.date_to) & Domain('date_to', '>=', absence.date_from)
            others = self.sudo().search(same_days & Domain('id', '!=', absence.id))  # a backup's absence matters too
            if absence.user_id in others.user_id:
                raise ValidationError(self.env._(
                    "%(user)s already has an absence in these days.", user=absence.user_id.name))
            if absence.backup_id in others.user_id or absence.user_id in others.backup_id:
                raise ValidationError(self.env._(
                    "%(user)s and the backup %(backup)s can't both be away, or be the backup of somebody while away.",
                    user=absence.user_id.name, backup=absence.backup_id.name))

    @api.depends('user_id', 'date_from', 'date_to')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for absence in self:
            first, last = (day and format_date(self.env, day) for day in (absence.date_from, absence.date_to))
            absence.display_name = f'{absence.user_id.name} {first} – {last}'

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        absences._changed()
        return absences

    def write(self, vals):
        """A remark changes nothing; other days or people do."""
        if not {'user_id', 'backup_id', 'date_from', 'date_to'} & vals.keys():
            return super().write(vals)
        self._give_back()
        result = super().write(vals)
        self._changed()
        return result

    def unlink(self):
        self._give_back()
        result = super().unlink()
        self.browse()._changed()
        return result

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    @api.model
    def _running_domain(self, user):
        """Return the domain of the absences of a user today, where that one is."""
        today = self.env['customer.clock']._today(user)
        return Domain('user_id', '=', user.id) & Domain('date_from', '<=', today) & Domain('date_to', '>=', today)

    def _give_back(self):
        """Give back what these absences moved, because they change or are gone; for wings to fill in."""
        return None

    def _changed(self):
        """Ask anew who does what, because somebody is away or comes back; for wings to fill in."""
        return None
