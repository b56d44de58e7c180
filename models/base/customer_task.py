from markupsafe import Markup, escape

from odoo import api, models
from odoo.fields import Domain

from ..platform.local_text import labelled

#: So many records stand by name on one activity about many.
NAMED = 10


class CustomerTask(models.AbstractModel):
    """Records about which the addon gives people activities: what is to be done, by whom, until when.

    They are marked as automated, so that those of people are never touched, and made without an email for each: they are
    there to be seen in the morning, not to fill an inbox. A model says which kinds it knows (`_task_types`).
    """

    _name = 'customer.task'
    _description = "Activities Given by the Addon"

    #: Kinds of activities: name to the xml id of the type, without the module.
    _task_types = {}

    @api.model
    def _task_type(self, kind):
        """Return the type of activity of a kind, see `_task_types`."""
        return self.env.ref(f'customer_success.{self._task_types[kind]}')

    def _tasks(self, *kinds):
        """Return the activities that the addon gave people about these records, to be read and changed by the addon.

        :param kinds: names of kinds; default: all that the model knows
        """
        types = [self._task_type(kind).id for kind in kinds or self._task_types]
        return self.env['mail.activity'].sudo().search([  # also those of colleagues
            ('res_model', '=', self._name), ('res_id', 'in', self.ids), ('automated', '=', True),
            ('activity_type_id', 'in', types)])

    @api.model
    def _create_tasks(self, kind, rows, automated=True):
        """Create activities; who left, or was never there, gets none.

        :param str kind: see `_task_types`
        :param rows: a record, a res.users, a deadline (None: today, where the user is), what is to be done, and a note or
            None
        :param bool automated: the activities go when their cause is gone
        """
        model_id, activity_type, days = self.env['ir.model']._get_id(self._name), self._task_type(kind), {}
        values = []
        for record, user, deadline, summary, note in rows:
            if not user.sudo().active:  # colleagues, of whom the user may know nothing
                continue
            if not deadline and user not in days:
                days[user] = self.env['customer.clock']._today(user)
            values.append({
                'res_model_id': model_id, 'res_id': record.id, 'activity_type_id': activity_type.id, 'user_id': user.id,
                'date_deadline': deadline or days[user], 'summary': summary,
                'note': note and escape(note),  # what people typed stays text
                'automated': automated})
        # given to colleagues, some of whom may see more than the user
        self.env['mail.activity'].sudo().with_context(mail_activity_quick_update=True).create(values)

    @api.model
    def _give_tasks(self, kind, pairs, say, deadline=None):
        """Give people activities about records.

        :param str kind: see `_task_types`
        :param pairs: of a record and a res.users
        :param say: function of a record, in the language of the person, that returns what is to be done
        :param date deadline: default: today, where the person is
        """
        self._create_tasks(kind, [
            (record, user, deadline, say(record.with_context(lang=user.lang or self.env.lang)), None)
            for record, user in pairs])

    def _give_task(self, kind, users, say, deadline=None):
        """Give people an activity about these records; see :meth:`_give_tasks`."""
        self._give_tasks(kind, [(record, user) for record in self for user in users], say, deadline)

    def _hand_over_tasks(self, kind, user_of, say=None):
        """Let the activities go to whoever is responsible now; where nobody is, they stay.

        :param user_of: function of a record that returns a res.users
        :param say: see :meth:`_give_tasks`; default: what it says stays
        """
        moved = {}
        for task in self._tasks(kind) if self else ():
            record = self.browse(task.res_id)
            user = user_of(record)
            if user and task.user_id != user:
                moved[user] = moved.get(user, task.browse()) | task
                if say:
                    task.summary = say(record.with_context(lang=user.lang or self.env.lang))
        for user, tasks in moved.items():
            tasks.with_context(mail_activity_quick_update=True).write({'user_id': user.id})

    # ------------------------------------------------------------
    # ABOUT NOTHING
    # ------------------------------------------------------------

    @api.model
    def _forget_with(self, records, names=()):
        """Take away what hangs on records of the addon that the database deletes together with others: their activities,
        messages and followers, of which it knows nothing.

        :param records: those that are about to be deleted, of any model
        :param names: of the models that were looked at on the way
        """
        for name, model in self.env.items():
            if not name.startswith('customer.') or model._abstract or not model._auto or name in names:
                continue
            along = [field.name for field in model._fields.values() if field.store and field.type == 'many2one'
                     and field.comodel_name == records._name and field.ondelete == 'cascade']
            if along:
                # whoever may delete the one deletes the others
                found = model.sudo().with_context(active_test=False).search(
                    Domain.OR(Domain(field, 'in', records.ids) for field in along))
                if found:
                    self._forget_threads(found)
                    self._forget_with(found, (*names, records._name))

    @api.model
    def _forget_threads(self, records):
        for model, about in (('mail.activity', 'res_model'), ('mail.message', 'model'), ('mail.followers', 'res_model')):
            # as above
            self.env[model].sudo().search([(about, '=', records._name), ('res_id', 'in', records.ids)]).unlink()

    # ------------------------------------------------------------
    # ABOUT MANY
    # ------------------------------------------------------------

    @api.model
    def _give_loose_task(self, type_xmlid, user, summary, note):
        """Give somebody an activity that is about no record in particular.

        :param str type_xmlid: of the type of activity
        """
        self.env['mail.activity'].with_context(mail_activity_quick_update=True).create({
            'activity_type_id': self.env.ref(type_xmlid).id, 'user_id': user.id, 'summary': summary, 'note': escape(note),
            'date_deadline': self.env['customer.clock']._today(user), 'automated': True})

    @api.model
    def _give_list(self, type_xmlid, user, rows, summary):
        """Give somebody one activity about many records, the first of which it names.

        :param rows: pairs of a name, and a function of an environment that says why in its language
        :param summary: function of an environment and a number that says the same of many
        """
        says = self.with_context(lang=user.lang or self.env.lang).env
        names = [labelled(says, name, why(says)) for name, why in rows[:NAMED]]
        if len(rows) > NAMED:
            names.append(says._("%(count)s more", count=len(rows) - NAMED))
        self._give_loose_task(
            type_xmlid, user, summary(says, len(rows)),
            Markup("<ul>%s</ul>") % Markup().join(Markup("<li>%s</li>") % name for name in names))
