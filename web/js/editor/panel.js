// The controls beside the stage: how a drag works, the key frame, marks, people, and what is shown.
import { button, element, row, section, slider, toggle } from "./dom.js"
import { COUNT, partOf, spoken } from "./skeleton.js"
import { COLOURS } from "./timeline.js"

const SCOPES = [
    ["all", "Whole person"],
    ["part", "Limb"],
    ["joint", "Joint"],
]
const MARKS = [
    ["bad", "Bad: refill", "B", "What is seen in these frames is wrong: take it from the frames before and after."],
    ["good", "Good", "G", "What is seen is right, also where the detector was unsure (hollow dots)."],
    ["swap", "Swap left/right", "X", "The detector took left for right in these frames. Press again to swap back."],
    ["hide", "Hide", "H", "Do not draw these joints in these frames."],
]

export class Panel {
    constructor(session) {
        this.session = session
        this.element = element("aside", { class: "panel" }, this.drags(), this.keys(), this.marks(), this.people())
    }

    drags() {
        const option = (name, text, title) =>
            (this[name] = toggle(text, title, (on) => this.session.set({ [name]: on })))
        this.joint = element("p", { class: "quiet" })
        return section(
            "Drag",
            option("lock", "Keep limb lengths", "Arms, legs and fingers keep their length while you drag.").row,
            option(
                "bend",
                "Bend limbs (IK)",
                "Dragging a wrist or an ankle bends elbow or knee; a fingertip its finger.",
            ).row,
            option("whole", "Move the whole person (W)", "Every joint goes along.").row,
            this.joint,
        )
    }

    keys() {
        const { session } = this
        this.blend = slider("Frames to either side that a drag fades into", { min: 0, max: 30, step: 1 }, (n) =>
            session.setBlend(n),
        )
        this.blendText = element("span", { class: "number" })
        this.remove = button("Remove key", "Forget what was dragged in this frame (K)", () => session.deleteKey())
        this.missing = button(
            "Place missing",
            "Joints that this frame lacks come from the nearest frame that shows them (M)",
            () => session.placeMissing(),
        )
        this.keyText = element("p", { class: "quiet" })
        return section(
            "Key frame",
            this.keyText,
            row(element("span", {}, "Blend into"), this.blend, this.blendText),
            element("div", { class: "grid" }, this.remove, this.missing),
        )
    }

    marks() {
        this.rangeText = element("p", { class: "quiet" })
        this.scopes = SCOPES.map(([scope, text]) => {
            const made = element("input", { type: "radio", name: "humandit-scope", "aria-label": text })
            made.addEventListener("change", () => this.session.choose({ scope }))
            return { scope, made, row: element("label", { class: "chip" }, made, element("span", {}, text)) }
        })
        const buttons = MARKS.map(([kind, text, key, title]) => {
            const made = button(text, `${title} (${key})`, () => this.session.mark(kind), { class: "mark" })
            made.style.setProperty("--mark", COLOURS[kind])
            return made
        })
        const clear = button("Clear marks", "Take all marks off these frames (C)", () => this.session.clearMarks())
        this.all = button("Whole film", "Mark all frames out (Ctrl+A)", () =>
            this.session.choose({ range: { first: 0, last: this.session.film.frames - 1 } }),
        )
        const chips = element(
            "div",
            { class: "row chips", role: "radiogroup", "aria-label": "What a mark is for" },
            ...this.scopes.map(({ row }) => row),
        )
        return section("Marks", this.rangeText, chips, element("div", { class: "grid" }, ...buttons, clear, this.all))
    }

    people() {
        this.list = element("div", { class: "people" })
        const copy = button("Add a copy", "One more person: a copy of the chosen one, beside them", () =>
            this.session.copyPerson(),
        )
        return section("People", this.list, row(copy))
    }

    update() {
        const { session } = this
        const { options, key } = session
        const { joint, frame, scope, range } = session.chosen
        for (const name of ["lock", "bend", "whole"]) this[name].box.checked = options[name]
        const score = joint === null ? 0 : session.poses().score[frame * COUNT + joint]
        this.joint.textContent =
            joint === null ? "No joint chosen" : `${spoken(joint)} · confidence ${score.toFixed(2)}`
        this.blend.value = key ? key.after : options.blend
        this.blendText.textContent = `${this.blend.value} ${this.blend.value === "1" ? "frame" : "frames"}`
        this.keyText.textContent = key ? `Frame ${frame} is a key frame.` : "Drag a joint to make this a key frame."
        this.remove.disabled = !key
        const { first, last } = session.range
        this.rangeText.textContent = range
            ? `Frames ${first} to ${last} (Esc lets go)`
            : `Frame ${frame} (Shift-drag the timeline)`
        for (const one of this.scopes) {
            one.made.checked = one.scope === scope
            one.made.disabled = one.scope !== "all" && joint === null
            if (one.scope === "part") one.row.lastChild.textContent = joint === null ? "Limb" : capital(partOf(joint))
        }
        this.updatePeople()
    }

    updatePeople() {
        const { session } = this
        const state = JSON.stringify([session.everybody, session.doc.removed, session.chosen.person])
        if (state === this.shown) return
        this.shown = state
        this.list.replaceChildren(...session.everybody.map((person) => this.person(person)))
    }

    person(person) {
        const { session } = this
        const removed = session.removed(person)
        const added = person >= session.film.people.length
        const name = `${added ? "Copy" : "Person"} ${person}`
        const chosen = person === session.chosen.person
        const choose = button(
            name,
            removed ? "Deleted: not in the result" : "Edit this person",
            () => session.choose({ person, joint: null }),
            {
                class: `person${chosen ? " chosen" : ""}${removed ? " gone" : ""}`,
                disabled: removed,
                "aria-pressed": String(chosen),
            },
        )
        const text = removed ? "Bring back" : "Delete"
        return row(
            choose,
            button(text, `${text} ${name.toLowerCase()}`, () => session.toggleRemoved(person), { class: "small" }),
        )
    }
}

const capital = (text) => text[0].toUpperCase() + text.slice(1)
