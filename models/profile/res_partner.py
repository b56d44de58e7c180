import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import phones
from ..platform.local_text import listed
from .customer_duplicate_key import COMPARED_FIELDS
from .customer_person_change import WATCHED
from .customer_seat import GAPS

GROUP_USER = 'customer_success.group_customer_success_user'

#: The columns of customer care are read together, and not by whoever reads a contact for something else.
PREFETCH = 'customer_success'

#: A change of one of these can make somebody a managed customer, or end it.
MEMBERSHIP_FIELDS = {'customer_enrolment', 'active', 'parent_id', 'is_company'}

#: Where a contact is reached.
REACH_FIELDS = {'email', 'phone'}


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'customer.entered']

    # membership
    customer_enrolment = fields.Selection(
        selection=[
            ('auto', "By orders and invoices"),
            ('enrolled', "Enrolled by hand"),
            ('excluded', "Excluded"),
        ],
        string="Customer Care",
        default='auto',
        required=True,
        copy=False,
        groups=GROUP_USER, prefetch=PREFETCH,
        help="Who is looked after: whoever has a confirmed order or a posted invoice or, if the settings say so, a won lead; "
             "whoever was enrolled by hand; and never who was excluded.",
    )
    customer_managed = fields.Boolean(
        string="Managed Customer",
        readonly=True,
        copy=False,
        groups=GROUP_USER, prefetch=PREFETCH,
    )
    customer_managed_since = fields.Date(
        string="Customer Since",
        readonly=True,
        copy=False,
        groups=GROUP_USER, prefetch=PREFETCH,
        help="The day on which this customer came under care; contact rhythms count from here until there is a contact.",
    )
    customer_number = fields.Char(
        readonly=True,
        copy=False,
        groups=GROUP_USER, prefetch=PREFETCH,
        help="The number that was given. It stands in the Reference, unless a person changed that.",
    )
    # filing data
    customer_source_id = fields.Many2one(
        comodel_name='utm.source',
        string="Source",
        ondelete='set null',
        groups=GROUP_USER, prefetch=PREFETCH,
        help="The channel through which this customer found us: website, trade show, referral, …",
    )
    customer_source_detail = fields.Char(
        string="Source Detail",
        groups=GROUP_USER, prefetch=PREFETCH,
        help="Which page, which fair, who recommended us.",
    )
    customer_needs = fields.Text(
        string="Initial Needs",
        groups=GROUP_USER, prefetch=PREFETCH,
        help="What this customer came for.",
    )
    customer_filed_on = fields.Date(
        string="Filing Date",
        copy=False,
        groups=GROUP_USER, prefetch=PREFETCH,
        help="When this file was opened.",
    )
    customer_demand_type_id = fields.Many2one(
        comodel_name='customer.demand.type',
        string="Demand Type",
        ondelete='restrict',
        index='btree_not_null',
        groups=GROUP_USER, prefetch=PREFETCH,
        help="What this customer above all wants of us. It recommends the service to offer.",
    )
    customer_demand_service = fields.Html(related='customer_demand_type_id.service', groups=GROUP_USER)
    # decision chain and insights
    customer_seat_ids = fields.One2many(
        comodel_name='customer.seat', inverse_name='partner_id', string="Decision Chain", groups=GROUP_USER)
    customer_held_seat_ids = fields.One2many(
        comodel_name='customer.seat', inverse_name='person_id', string="Seats Held", groups=GROUP_USER)
    customer_insight_ids = fields.One2many(
        comodel_name='customer.insight', inverse_name='partner_id', string="Insights", groups=GROUP_USER)
    customer_seat_gap = fields.Selection(
        selection=GAPS, string="Gap in the Decision Chain", compute='_compute_customer_seat_gap',
        search='_search_customer_seat_gap', groups=GROUP_USER,
        help="The most pressing gap. Customers are found by each of their gaps, and stand in the group of the first.")
    customer_seat_gaps = fields.Char(
        string="Gaps in the Decision Chain", compute='_compute_customer_seat_gap', groups=GROUP_USER)
    # completeness
    customer_completeness = fields.Integer(
        string="Profile Completeness",
        compute='_compute_customer_completeness',
        groups=GROUP_USER,
    )
    customer_missing = fields.Char(
        string="Missing in the Profile",
        compute='_compute_customer_completeness',
        groups=GROUP_USER,
    )
    customer_profile_incomplete = fields.Boolean(
        string="Incomplete Profile",
        compute='_compute_customer_completeness',
        search='_search_customer_profile_incomplete',
        groups=GROUP_USER,
    )

    customer_nobody_responsible = fields.Boolean(
        string="Nobody Responsible",
        compute='_compute_customer_nobody_responsible',
        search='_search_customer_nobody_responsible',
        groups=GROUP_USER,
        help="The customer has no account manager, or one who left, has no role here or does not work in its company.",
    )

    customer_handover_ids = fields.One2many(
        comodel_name='customer.handover', inverse_name='partner_id', string="Hand-overs", groups=GROUP_USER)

    _customer_number_uniq = models.Constraint(
        # deferred: merging two contacts copies the number before it deletes its first owner
        'UNIQUE (customer_number) DEFERRABLE INITIALLY DEFERRED',
        "A customer number is given only once.",
    )
    _customer_managed_idx = models.Index('(id) WHERE customer_managed IS TRUE')
    # most screens open with the own customers, and Odoo has no index for whose a contact is
    _customer_user_idx = models.Index('(user_id) WHERE customer_managed IS TRUE')
    # and rules ask for those of everybody that somebody looks after
    _customer_of_user_idx = models.Index('(user_id) WHERE user_id IS NOT NULL')

    def _check_customer_reachability(self, names):
        """Refuse addresses and numbers nobody could use, for managed customers and their contact persons (PRO-2).

        :param names: which of ``email`` and ``phone`` to look at: one that was there before blocks no other change
        """
        if not self.env['res.config.settings']._customer_success('check_contact_data'):
            return
        # whether the company above is managed is not for every user to read
        for partner in self.filtered(lambda partner: partner.sudo().commercial_partner_id.customer_managed):
            if 'email' in names and partner.email and not partner._is_customer_email(partner.email):
                raise ValidationError(self.env._(
                    "%(email)s is not an email address. Please write it like name@company.com.", email=partner.email))
            if 'phone' in names and partner.phone:
                partner._check_customer_phone()

    def _check_customer_phone(self):
        """Refuse a text that is no phone number, and say what is wrong with it."""
        self.ensure_one()
        if phones.lost_digits(self.phone):
            raise ValidationError(self.env._(
                "%(phone)s is what a spreadsheet left of a phone number; its last digits are lost. Format the column as text "
                "there, and enter the number again.", phone=self.phone))
        if not phones.numbers(self.phone, self._get_customer_phone_country().code or None):
            raise ValidationError(self.env._(
                "%(phone)s is not a phone number. Please write it with the country code, like +86 21 5555 0123.",
                phone=self.phone))

    @api.model
    def _is_customer_email(self, email):
        """Return whether every address in the text can be mailed to."""
        address = r'(?:[^<>@]*<\s*)?[^@\s<>]+@[^@\s<>]+\.[^@\s.<>]+\s*>?'
        return all(re.fullmatch(address, part.strip()) for part in re.split(r'[,;]', email))

    def _get_customer_phone_country(self):
        """Return the country from which this contact's numbers are dialled; empty where it is not known."""
        self.ensure_one()
        return self.country_id or self.commercial_partner_id.country_id

    def _phone_format_number(self, number, country, force_format='E164', raise_exception=False):
        """Sanitise also numbers with remarks, several in one field, and extensions as Chinese people write them: then the
        first one stands for the contact, in blacklists and in searches."""
        formatted = super()._phone_format_number(
            number, country=country, force_format=force_format, raise_exception=raise_exception and force_format != 'E164')
        if not formatted and number and force_format == 'E164':
            formatted = phones.international(number, country.code or None)
            if not formatted and raise_exception:
                return super()._phone_format_number(
                    number, country=country, force_format=force_format, raise_exception=True)
        return formatted or False

    @api.onchange('phone', 'country_id', 'company_id')
    def _onchange_phone_validation(self):
        """Keep what was typed where it is more than a number: extensions, remarks and second numbers would be lost."""
        if not self.phone or phones.is_plain(self.phone):
            return super()._onchange_phone_validation()
        return None

    @api.depends_context('uid', 'lang')
    def _compute_customer_completeness(self):
        requirements = self.env['customer.profile.requirement']._get_active()
        for partner in self:
            missing = requirements.filtered(lambda requirement, partner=partner: requirement._is_missing(partner))
            partner.customer_completeness = (
                round(100 * (len(requirements) - len(missing)) / len(requirements)) if requirements else 100)
            partner.customer_missing = listed(self.env, missing.mapped('name'))
            partner.customer_profile_incomplete = bool(missing)

    def _search_customer_profile_incomplete(self, operator, value):
        if operator != 'in':
            return NotImplemented
        requirements = self.env['customer.profile.requirement']._get_active()
        return Domain.OR(requirement._missing_domain() for requirement in requirements)

    @api.depends('user_id', 'company_id', 'customer_managed')
    def _compute_customer_nobody_responsible(self):
        responsibility, known = self.env['customer.responsibility'], {}
        for partner in self:
            key = partner.user_id, responsibility._company_of(partner)
            if key not in known:
                known[key] = not partner.user_id or not responsibility._is_able(*key)
            partner.customer_nobody_responsible = partner.customer_managed and known[key]

    def _search_customer_nobody_responsible(self, operator, value):
        if operator != 'in':
            return NotImplemented
        responsibility = self.env['customer.responsibility']
        responsibility._flush()
        able = responsibility._able_sql()

        def to_sql(model, alias, query):
            user = query.left_join(alias, 'user_id', 'res_users', 'id', 'user_id')  # once, and not for each customer
            return SQL(
                """(%(user)s IS NULL OR (%(user)s, %(company)s) NOT IN (%(able)s))""",
                user=SQL.identifier(alias, 'user_id'), company=responsibility._company_sql(alias, user), able=able)

        return Domain('customer_managed', '=', True) & Domain.custom(to_sql=to_sql)

    @api.depends('customer_seat_ids.person_id', 'customer_seat_ids.role_id', 'customer_managed', 'is_company')
    @api.depends_context('lang')
    def _compute_customer_seat_gap(self):
        seats = self.env['customer.seat'].sudo()  # a figure is one for all users
        found = seats._gaps_of(self._origin)
        for partner in self:
            gaps = found.get(partner._origin.id, [])
            partner.customer_seat_gap = gaps[0] if gaps else False
            partner.customer_seat_gaps = listed(self.env, map(seats._describe_gap, gaps))

    def _search_customer_seat_gap(self, operator, value):
        if operator != 'in':
            return NotImplemented
        seats = self.env['customer.seat'].sudo()  # as above
        gaps = dict(GAPS)

        def has(gap):
            return Domain.custom(to_sql=lambda model, alias, query: seats._has_gap_sql(gap, alias))

        return Domain.OR(
            has(gap) if gap else Domain.AND(~has(other) for other in gaps) for gap in value if not gap or gap in gaps)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _get_customer_system_fields(self):
        """Return the names of the fields that only the addon itself writes; other wings add theirs."""
        return {
            'customer_managed', 'customer_managed_since', 'customer_number', 'customer_confirmed_on', 'customer_confirmed_by_id',
            'customer_confirm_asked_on'}

    def _check_customer_system_fields(self, names):
        """Refuse to write what follows from orders, rules and actions: a field that is readonly in views is not
        readonly by RPC or import."""
        if not self.env.su and (refused := self._get_customer_system_fields() & set(names)):
            raise AccessError(self.env._(
                "These fields of a customer follow from its orders and from actions, and can't be written: %(names)s.",
                names=listed(self.env, sorted(refused))))

    @api.model
    def _get_customer_worked_fields(self):
        """Return the names of the fields that only those write who work with a customer; other wings add theirs."""
        return {'user_id', 'customer_enrolment'}

    def _check_customer_worked_fields(self, vals):
        """Refuse to take over, exclude or plan customers of others: by form, by RPC and by import.

        A sales administrator may give any customer to anybody: that is what the role is for.
        """
        names = self._get_customer_worked_fields() & vals.keys()
        if self.env.user.has_group('sales_team.group_sale_manager'):
            names.discard('user_id')
        if self.env.su or not names:
            return
        others = self.browse()
        for partner in self.sudo():  # whether it is managed may be hidden from the user
            known = partner.customer_managed or partner.customer_enrolment != 'auto'
            if known and any(partner._fields[name].convert_to_write(partner[name], partner) != (vals[name] or False)
                             for name in names):
                others += self.browse(partner.id)
        others._check_works_with()

    @api.model_create_multi
    def create(self, vals_list):
        """Take under care who is enrolled, and look at the data that a customer must have."""
        self._check_customer_system_fields(name for vals in vals_list for name in vals)
        for vals in vals_list:
            self._check_customer_entries(vals)
        partners = super().create([dict(self._mend_customer_phone(vals)) for vals in vals_list])  # Odoo changes what it is given
        # who is enrolled may be hidden from the user, and the mark is readonly for everybody
        enrolled = partners.filtered(lambda partner: partner.sudo().customer_enrolment == 'enrolled')
        enrolled.sudo()._refresh_managed()  # as above
        # those below an enrolled one were made before it was managed
        (partners | enrolled.child_ids)._check_customer_reachability(REACH_FIELDS)
        (enrolled | partners.filtered('parent_id'))._check_customer_profile()
        partners._customer_entered(partners.filtered('parent_id'))
        return partners

    def write(self, vals):
        """Decide anew who is a customer when that may have changed, and look at the data that a customer must have."""
        self._check_customer_system_fields(vals)
        self._check_customer_worked_fields(vals)
        self._check_customer_entries(vals)
        vals = dict(self._mend_customer_phone(vals))  # Odoo changes what it is given
        handover = self.env['customer.handover']._begin(self, vals)
        if handover and handover['told']:
            # said in one message, with what moved along, and to the people in one for all of their customers
            quiet = self.with_context(mail_notrack=True, mail_auto_subscribe_no_notify=True)
            # Odoo looks at the people of each of them, one by one: they are read together, whoever may see them
            quiet.sudo().child_ids.fetch(['child_ids', 'user_ids'])
            super(ResPartner, quiet).write({'user_id': vals.pop('user_id')})
        reached = {name: {partner: partner[name] for partner in self} for name in REACH_FIELDS & vals.keys()}
        # a person may be allowed to archive or move a contact without being allowed to see customer care
        before = {partner: partner.commercial_partner_id for partner in self.sudo()} if self._customer_may_move(vals) else {}
        companies = self.sudo().browse(partner.id for partner in before if partner.is_company)  # as above
        noted = self._customer_noted(vals)
        invoices = self.env['customer.document']._invoices_of(
            [partner for partner, customer in before.items() if partner == customer]
            if {'parent_id', 'is_company'} & vals.keys() else [])
        changes = self.env['customer.person.change']
        people = changes._known(self, vals)
        result = super().write(dict(vals))  # Odoo changes what it is given
        if {'tz', 'country_id', 'state_id'} & vals.keys() and self.env['customer.clock']._main_company().partner_id in self:
            self.env['ir.cron']._customer_keep_night()
        if before:
            self.env['customer.carry'].sudo()._carry_moved(before, companies, invoices)  # as above
            self.sudo().union(*before.values())._refresh_managed()  # as above
        if WATCHED & vals.keys():
            changes._note_written(self, people)
        for name, old in reached.items():
            self.filtered(lambda p, n=name, old=old: p[n] != old[p])._check_customer_reachability({name})
        if handover:
            self.env['customer.handover']._finish(handover)
        self._check_customer_profile(vals.keys())
        corrected = self.filtered(lambda partner: noted.get(partner, ()) != partner._customer_noted(vals).get(partner, ()))
        (self if COMPARED_FIELDS & vals.keys() else self.browse())._customer_entered(corrected)
        return result

    def _customer_may_move(self, vals):
        """Return whether it may change who is a customer: of each new user Odoo writes that the contact is active, as it is."""
        names = MEMBERSHIP_FIELDS & vals.keys()
        return bool(names - {'active'}) or 'active' in names and any(
            # who may archive a contact need not be allowed to see customer care
            partner.active != vals['active'] for partner in self.sudo())

    def unlink(self):
        """Vacate the seats of people who are deleted."""
        self.env['customer.person.change']._note_deleted(self)
        return super().unlink()

    def _is_customer_person(self):
        """Return whether this is an active contact person of a managed customer."""
        self.ensure_one()
        return bool(
            self.active and self.parent_id and self.type == 'contact'
            and self.commercial_partner_id != self and self.commercial_partner_id.customer_managed)

    @api.model
    def _check_customer_entries(self, vals):
        """Refuse values of the addon's own fields that can't be meant."""
        if self.env.su:
            return
        own = {name: vals[name] for name in vals if name.startswith('customer_') or name == 'birthdate_date'}
        if own:
            self._check_customer_values(own)

    @api.model
    def _mend_customer_phone(self, vals):
        """Return the values without what a spreadsheet added to a phone number."""
        phone = vals.get('phone')
        mended = phones.mended(str(phone)) if phone else phone
        return {**vals, 'phone': mended} if phone and mended != phone else vals

    def copy_data(self, default=None):
        """A copy is somebody else: it does not take the customer number along."""
        vals_list = super().copy_data(default)
        for partner, vals in zip(self.sudo(), vals_list, strict=True):  # the number may be hidden from the user
            if partner.customer_number and vals.get('ref') == partner.customer_number:
                vals.pop('ref')
        return vals_list

    def _check_customer_profile(self, changed=None):
        """Refuse to save a managed customer without the data that an administrator marked as *block*.

        Only what a person does is checked: an order that makes somebody a customer goes through, and the file is listed
        as incomplete.

        :param changed: names of the changed fields; None to check whatever changed
        """
        if self.env.su or self.env.context.get('install_mode'):
            return
        requirements = self.env['customer.profile.requirement']._get_active('block')
        names = set(requirements.mapped('field_id.name')) | {'customer_enrolment', 'child_ids', 'parent_id', 'active'}
        if not requirements or changed is not None and not names & set(changed):
            return
        for partner in self.commercial_partner_id.sudo().filtered('customer_managed'):  # as in the check of the email
            missing = requirements.filtered(lambda requirement, partner=partner: requirement._is_missing(partner))
            if missing:
                raise ValidationError(self.env._(
                    "The profile of %(customer)s needs this before it can be saved: %(missing)s.",
                    customer=partner.display_name, missing=listed(self.env, missing.mapped('name'))))

    # ------------------------------------------------------------
    # SORTING AND GROUPING
    # ------------------------------------------------------------

    def _field_to_sql(self, alias, field_expr, query=None):
        # asked hundreds of times for a contact form: one look at the name, for all wings
        if field_expr[:9] == 'customer_' and (sql := self._customer_field_to_sql(alias, field_expr, query)):
            return sql
        return super()._field_to_sql(alias, field_expr, query)

    def _customer_field_to_sql(self, alias, field_name, query=None):
        """Return SQL for a field that no column of a customer holds, so that customers can be sorted and grouped by it; or
        None for other fields. Wings add theirs."""
        if field_name == 'customer_seat_gap':
            return self.env['customer.seat'].sudo()._first_gap_sql(alias)  # as above
        return self._customer_confirm_state_sql(alias) if field_name == 'customer_confirm_state' else None

    @api.model
    def _get_customer_ordered_selections(self):
        """Return the names of selections whose groups come in the order of the selection, and not in that of the technical
        values; wings add theirs."""
        return ['customer_seat_gap', 'customer_confirm_state']

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        # what no column holds was never sorted by its technical value; who has none comes last, whichever way it is sorted
        if field_name in self._get_customer_ordered_selections() and not self._fields[field_name].store:
            keys = [key for key, __ in self._fields[field_name]._description_selection(self.env)]
            term = SQL("array_position(%s::varchar[], (%s)::varchar)", keys, self._field_to_sql(alias, field_name, query))
            query._order_groupby.append(term)
            return SQL("%s %s NULLS LAST", term, direction)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def _customer_search_by_selection(self, domain, offset, limit, order, options):
        """Search a page of customers sorted by a selection that no column holds: those of one value after the other, in the
        order of the selection, until the page is full. The first pages need no look at the customers of the other values.

        :param str order: the selection comes first
        :param options: further arguments of ``_search``
        :return: the query of the page
        """
        first, __, others = order.partition(',')
        name, __, direction = first.strip().partition(' ')
        keys = [key for key, __ in self._fields[name]._description_selection(self.env)]
        if direction.strip().upper().startswith('DESC'):
            keys.reverse()
        found = []
        for key in [*keys, False]:
            found += self._search(
                Domain(domain) & Domain(name, '=', key), limit=offset + limit - len(found), order=others.strip() or self._order,
                **options)
            if len(found) == offset + limit:
                break
        return self.browse(found[offset:])._as_query(ordered=True)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _customer_zone(self):
        """Return the name of the time zone this customer lives by; where nothing is known of its place, that of who looks
        after it, see ``customer.clock``."""
        self.ensure_one()
        return self.env['customer.clock']._zone(self)

    def _customer_now(self, moment=None):
        """Return what clock and calendar say at the customer's.

        :param datetime moment: in UTC; now by default
        :return: the moment, with its time zone
        """
        self.ensure_one()
        return self.env['customer.clock']._now(self, moment)

    def _customer_recipients(self, medium=None, chosen=None):
        """Return the people of this customer who may be written to, who comes first first; see ``customer.addressee``.

        :param medium: of the channel; None: whoever can be spoken to
        :param chosen: res.partner that somebody chose, if any
        """
        self.ensure_one()
        people, __ = self.env['customer.addressee']._people(self.commercial_partner_id, medium, chosen)
        return people._filtered_access('read')

    def _customer_nobody(self, medium, chosen=None):
        """Return a sentence that says why nobody of this customer may be written to."""
        self.ensure_one()
        addressee, customer = self.env['customer.addressee'], self.commercial_partner_id
        return addressee._describe_refused(customer, medium, addressee._people(customer, medium, chosen)[1])

    @api.readonly
    def get_customer_strip(self):
        """Return what the strip under the name of a customer shows, once the form stands; nothing for other contacts.

        Each wing adds its part, see :meth:`_customer_strip`.

        :rtype: dict
        """
        self._customer_one()
        return self._customer_strip() if self.customer_managed else {}

    def _customer_strip(self):
        """Return the parts of the strip by name; to be extended by the wings.

        Texts are ready to be read, in the user's language; what is not known is False.
        """
        return {}

    def action_view_customer_seats(self):
        """Open the decision chain of this customer."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_seat_action')
        action['domain'] = [('partner_id', '=', self.commercial_partner_id.id)]
        action['context'] = {'default_partner_id': self.commercial_partner_id.id}
        return action

    def action_view_customer_insights(self):
        """Open what was learned of this customer, what was settled included."""
        self._customer_one()
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_insight_action')
        action['domain'] = [('partner_id', '=', self.commercial_partner_id.id)]
        action['context'] = {'default_partner_id': self.commercial_partner_id.id}
        return action

    def _refresh_managed(self):
        """Decide anew whether these partners are managed customers."""
        commercial = self.commercial_partner_id | self
        if commercial:
            self.env['customer.registry']._refresh(commercial.ids)

    def action_customer_handover(self):
        """Open the dialog that gives these customers to another account manager."""
        action = self.env['ir.actions.act_window']._for_xml_id('customer_success.customer_assign_action')
        return {**action, 'context': {'default_partner_ids': self.commercial_partner_id.ids}}

    def _customer_handover_file_name(self):
        """Return what the printed hand-over sheet is called."""
        return self.env._("Hand-over %(customer)s", customer=self.name) if len(self) == 1 else self.env._("Hand-overs")

    def _customer_handover_html(self):
        """Return the hand-over sheet of this customer, as it stands on the screen."""
        self.ensure_one()
        return self.env['ir.qweb']._render(
            'customer_success.report_customer_handover_parts',
            {'customer': self, 'sheet': self.env['customer.handover.sheet']}, raise_if_not_found=False) or False

    def action_customer_enrol(self):
        """Take the customers of these contacts under care, whatever they bought."""
        self.commercial_partner_id.filtered(lambda customer: customer.customer_enrolment != 'enrolled').write({
            'customer_enrolment': 'enrolled'})
        return True

    def action_customer_exclude(self):
        """Take the customers of these contacts out of care; their open follow-ups are cancelled."""
        self.commercial_partner_id.filtered(lambda customer: customer.customer_enrolment != 'excluded').write({
            'customer_enrolment': 'excluded'})
        return True
