// The editor in its window: stage, timeline and controls put together, with the keyboard and the focus kept inside.
import { button, element, slider, toggle } from "./dom.js"
import { anything, summary } from "./document.js"
import { HELP, pressed } from "./keys.js"
import { Panel } from "./panel.js"
import { Player } from "./player.js"
import { Session } from "./session.js"
import { Stage } from "./stage.js"
import { Timeline } from "./timeline.js"

const SEEN = "humandit.editor.hint"
const HINT = "Drag a joint. Space plays, ← → step through the frames, Shift-drag on the timeline marks frames out."

function remembered(value) {
    try {
        return value === undefined ? localStorage.getItem(SEEN) : localStorage.setItem(SEEN, value)
    } catch {
        return null // a page without storage
    }
}

// The editor itself. Throws in words where the text's edits do not fit the film.
export class Editor {
    constructor(dialog, film, text, save) {
        this.dialog = dialog
        dialog.editor = this
        this.session = new Session(film, text, save)
        this.redraw = this.redraw.bind(this)
        this.build()
        this.player = new Player(this.session)
        this.session.listen(() => {
            this.player.follow()
            this.redraw()
        })
        new ResizeObserver(this.redraw).observe(this.stageBox)
        dialog.onkeydown = (event) => this.key(event)
        dialog.addEventListener("pointerup", (event) => this.keepKeys(event.target))
        this.typed.focus()
        this.redraw()
    }

    build() {
        const { session } = this
        const stage = element("canvas", {
            class: "stage",
            role: "img",
            "aria-label": "The film with the skeleton; drag joints here",
        })
        const line = element("canvas", {
            class: "timeline",
            role: "img",
            "aria-label": "Timeline with confidence, speed, key frames and marks",
        })
        this.stage = new Stage(session, stage, this.redraw)
        this.timeline = new Timeline(session, line, this.redraw)
        this.panel = new Panel(session)
        this.typed = element("input", {
            class: "typed",
            readOnly: true,
            "aria-label": "Keyboard of the pose editor; press ? for all keys",
        })
        this.badge = element("div", { class: "badge" })
        this.message = element("div", { class: "message", role: "status" })
        this.help = element(
            "div",
            { class: "help", hidden: true },
            ...HELP.flatMap(([key, what]) => [element("b", {}, key), element("span", {}, what)]),
        )
        this.stageBox = element("div", { class: "stage-box" }, stage, this.badge, this.message, this.hint(), this.help)
        const frame = element(
            "div",
            { class: "frame" },
            this.header(),
            this.stageBox,
            this.panel.element,
            element("footer", {}, this.transport(), line),
        )
        this.dialog.replaceChildren(this.typed, frame)
    }

    header() {
        const { session } = this
        this.told = element("span", { class: "quiet" })
        this.undo = button("Undo", "Undo (Ctrl+Z)", () => session.undo())
        this.redo = button("Redo", "Redo (Ctrl+Y)", () => session.redo())
        return element(
            "header",
            {},
            element("h2", {}, "Edit poses"),
            this.told,
            element("span", { class: "space" }),
            this.undo,
            this.redo,
            button("Keys", "All keys (?)", () => this.page.help()),
            button("Done", "Close; every change is already in the workflow (Esc)", () => this.dialog.close(), {
                class: "primary",
            }),
        )
    }

    hint() {
        const close = button("Got it", "Do not show this again", () => {
            remembered("seen")
            this.hintLine.hidden = true
        })
        this.hintLine = element(
            "div",
            { class: "hint", hidden: Boolean(remembered()) },
            element("span", {}, HINT),
            close,
        )
        return this.hintLine
    }

    transport() {
        const { session } = this
        const to = (text, title, action) => button(text, title, action, { class: "round" })
        const step = (frames) => () => session.choose({ frame: session.chosen.frame + frames })
        this.play = to("Play", "Play, pause (Space)", () => session.set({ playing: !session.options.playing }))
        this.play.classList.add("play")
        this.loop = to("Loop", "Begin anew at the end (L)", () => session.set({ loop: !session.options.loop }))
        this.number = element("input", {
            type: "number",
            min: 0,
            max: session.film.frames - 1,
            title: "Frame",
            "aria-label": "Frame",
        })
        this.number.addEventListener("change", () =>
            session.choose({ frame: Math.round(Number(this.number.value)) || 0 }),
        )
        this.time = element("span", { class: "quiet" })
        return element(
            "div",
            { class: "transport" },
            to("|◀", "First frame (Home)", () => session.choose({ frame: 0 })),
            to("◀", "One frame back (←)", step(-1)),
            this.play,
            to("▶", "One frame on (→)", step(1)),
            to("▶|", "Last frame (End)", () => session.choose({ frame: session.film.frames - 1 })),
            this.loop,
            this.number,
            this.time,
            element("span", { class: "space" }),
            ...this.looks(),
        )
    }

    looks() {
        const { session } = this
        this.onion = toggle("Onion skin", "Two frames before in blue, two after in orange (O)", (onion) =>
            session.set({ onion }),
        )
        this.bright = slider("How bright the film is behind the skeleton", { min: 0, max: 1, step: 0.05 }, (bright) =>
            session.set({ bright }),
        )
        this.bright.disabled = !session.film.pictures
        return [this.onion.row, element("label", { class: "row bright" }, element("span", {}, "Film"), this.bright)]
    }

    // --- what keys may do with the window

    page = {
        close: () => this.dialog.close(),
        help: () => {
            this.help.hidden = !this.help.hidden
            this.hintLine.hidden = Boolean(remembered()) || !this.help.hidden
        },
        zoom: (factor) => (this.stage.view.zoomMiddle(factor), this.redraw()),
        fit: () => (this.stage.view.fit(), this.redraw()),
    }

    key(event) {
        const { type } = event.target
        const own = { number: true, range: event.key.startsWith("Arrow"), radio: event.key.startsWith("Arrow") }[type]
        const pushes = ["button", "checkbox", "radio"].includes(type) && [" ", "Enter"].includes(event.key)
        if ((own && event.key !== "Escape") || pushes || event.key === "Tab") return
        if (pressed(event, this.session, this.page)) event.preventDefault()
    }

    // After the mouse the keyboard is the editor's again; numbers are typed where they stand.
    keepKeys(target) {
        if (target.type !== "number") setTimeout(() => this.dialog.open && this.typed.focus())
    }

    // --- drawing, at most once per picture of the screen

    redraw() {
        if (this.waiting) return
        this.waiting = true
        requestAnimationFrame(() => {
            this.waiting = false
            if (this.dialog.open) this.update()
        })
    }

    update() {
        const { session } = this
        const { frame } = session.chosen
        this.stage.draw()
        this.timeline.draw()
        this.panel.update()
        this.told.textContent = anything(session.doc) ? summary(session.doc) : "nothing edited yet"
        this.undo.disabled = !session.past.length
        this.redo.disabled = !session.future.length
        this.play.value = session.options.playing ? "Pause" : "Play"
        this.onion.box.checked = session.options.onion
        this.bright.value = session.options.bright
        this.loop.classList.toggle("on", session.options.loop)
        if (document.activeElement !== this.number) this.number.value = frame
        this.time.textContent = `of ${session.film.frames - 1} · ${(frame / session.film.fps).toFixed(2)} s`
        this.badge.textContent = session.key ? `◆ key frame ${frame}` : `frame ${frame}`
        this.badge.classList.toggle("key", Boolean(session.key))
        this.message.textContent = session.message
    }
}
