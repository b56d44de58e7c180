/* A person used a pointer or a key on this page: that is what makes an answer count. What a script does is not trusted by the
   browser, and a form that is sent without its button says nothing of a person. */
(function () {
    const form = document.querySelector("form[data-answer]");
    if (!form) {
        return;
    }
    let used = "";
    const note = (kind) => (ev) => {
        if (ev.isTrusted) {
            used = kind;
        }
    };
    document.addEventListener("pointerdown", note("pointer"), true);
    document.addEventListener("click", note("pointer"), true);
    document.addEventListener("keydown", note("key"), true);
    form.addEventListener("submit", () => {
        if (used) {
            form.elements.human.value = used + ":" + [...form.elements.token.value].reverse().join("");
        }
        // a second click is no second answer
        setTimeout(() => {
            for (const button of form.querySelectorAll("button")) {
                button.disabled = true;
            }
        });
    });
    // back to the page from the next one
    window.addEventListener("pageshow", () => {
        for (const button of form.querySelectorAll("button")) {
            button.disabled = false;
        }
    });
})();
