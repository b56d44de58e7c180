from odoo import models
from odoo.exceptions import AccessError

from ..platform.local_text import listed

#: Opens the guard: nothing that comes from outside is this object.
KEEPS = object()


class CustomerGuarded(models.AbstractModel):
    """Records of which people write some fields, and actions keep the others: a field that is readonly in views is not
    readonly by RPC or import (PLT-2).

    A model says which fields are open (:meth:`_open_to_people`), and in :meth:`_say_kept` the sentence for the others. Its
    `create` and `write` begin with :meth:`_guard`; its actions write with :meth:`_keep`.
    """

    _name = 'customer.guarded'
    _description = "What People May Write"

    def _open_to_people(self):
        """Return the names of the fields that people may write on these records; other wings add theirs.

        :rtype: set[str]
        """
        return set(self._fields)

    def _say_kept(self, names):
        """Return why these fields can't be written, and what to do instead.

        :param str names: of the fields, listed for people
        """
        raise NotImplementedError

    def _is_guarded(self):
        """Return whether what is written now comes from people."""
        return not self.env.su and self.env.context.get('customer_keeps') is not KEEPS

    def _guard(self, names, also_open=()):
        """Refuse to write fields that are kept from people.

        :param names: of the fields
        :param also_open: of those that are open besides, as in new records
        :raises AccessError: with the sentence of the model
        """
        # an import names the record by its id, which Odoo leaves out when it writes
        if self._is_guarded() and (kept := set(names) - self._open_to_people() - {'id', *also_open}):
            self._refuse_kept(kept)

    def _refuse_kept(self, names):
        """Say that fields are kept from people.

        :param set names: of the fields
        """
        raise AccessError(self._say_kept(listed(self.env, sorted(names))))

    def _keep(self, values):
        """Write what is kept from people, for an action of theirs. What else they may not do stays so: their access and the
        record rules hold as ever.

        :param dict values: of the fields
        """
        return self.with_context(customer_keeps=KEEPS).write(values)
