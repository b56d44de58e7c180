import { _t } from "@web/core/l10n/translation";

/**
 * Return a text with what it is of before it, with the colon of the user's language.
 *
 * @param {string} label
 * @param {string} text
 */
export function labelled(label, text) {
    return _t("%(label)s: %(text)s", { label, text });
}
