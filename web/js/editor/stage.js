// The picture with the skeleton on it: drawn, and taken by mouse, pen or fingers.
import { drawFigure, drawRing, drawUnsure, kindOf } from "./figure.js"
import { COUNT, INDEX, spoken } from "./skeleton.js"
import { View } from "./view.js"

const ONION = [
    [-2, 0.28, "#6aa8ff"],
    [-1, 0.45, "#6aa8ff"],
    [2, 0.28, "#ffb066"],
    [1, 0.45, "#ffb066"],
]
const NEAR = { body: 14, hand: 8, face: 6 } // pixels of the screen in which a joint is taken
const FINGER = 1.8 // times wider for touch
const WHEEL = 0.0015

export class Stage {
    constructor(session, canvas, redraw) {
        Object.assign(this, { session, canvas, redraw, hover: null, pointers: new Map() })
        this.view = new View(session.film.canvas)
        const on = (kind, handler, options) => canvas.addEventListener(kind, handler.bind(this), options)
        on("pointerdown", this.down)
        on("pointermove", this.motion)
        on("pointerup", this.up)
        on("pointercancel", this.up)
        on("pointerleave", () => this.point(null))
        on("wheel", this.wheel, { passive: false })
        on("contextmenu", (event) => event.preventDefault())
        on("dblclick", (event) => this.hit(this.at(event)) || (this.view.fit(), this.redraw()))
    }

    // --- drawing

    draw() {
        const { canvas, view, session } = this
        const ratio = window.devicePixelRatio || 1
        const [width, height] = [canvas.clientWidth, canvas.clientHeight]
        if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
            canvas.width = Math.round(width * ratio)
            canvas.height = Math.round(height * ratio)
            view.resize(width, height)
        }
        const context = canvas.getContext("2d")
        context.setTransform(ratio, 0, 0, ratio, 0, 0)
        context.clearRect(0, 0, width, height)
        this.drawFilm(context)
        this.drawPeople(context)
        this.drawChosen(context)
        canvas.style.cursor = session.held ? "grabbing" : this.hover === null ? "default" : "grab"
    }

    drawFilm(context) {
        const { film, options, chosen } = this.session
        const [x, y] = this.view.toScreen([0, 0])
        const size = [film.canvas.width * this.view.scale, film.canvas.height * this.view.scale]
        context.fillStyle = "#000"
        context.fillRect(x, y, ...size)
        const picture = film.pictures?.of(chosen.frame, film.frames, this.redraw)
        context.globalAlpha = options.bright
        if (picture) context.drawImage(picture, x, y, ...size)
        context.globalAlpha = 1
        context.strokeStyle = "#3a4250"
        context.lineWidth = 1
        context.strokeRect(x - 0.5, y - 0.5, size[0] + 1, size[1] + 1)
    }

    drawPeople(context) {
        const { session, view } = this
        const { person, frame } = session.chosen
        for (const other of session.everybody)
            if (other !== person && !session.removed(other))
                drawFigure(context, view, session.poses(other), frame, { alpha: 0.4 })
        if (session.removed(person)) return
        const poses = session.poses()
        if (session.options.onion && !session.options.playing)
            for (const [step, alpha, colour] of ONION)
                if (frame + step >= 0 && frame + step < session.film.frames)
                    drawFigure(context, view, poses, frame + step, { alpha, colour, dots: false })
        drawFigure(context, view, poses, frame)
        if (!session.options.playing) drawUnsure(context, view, poses, frame)
    }

    drawChosen(context) {
        const { session, view } = this
        const { joint } = session.chosen
        if (session.options.playing || session.removed(session.chosen.person)) return
        for (const name in session.key?.moved ?? {})
            if (kindOf(INDEX[name]) === "body") drawRing(context, view, this.placeOf(INDEX[name]), "#ffd36a", 7)
        for (const name in session.key?.placed ?? {})
            if (kindOf(INDEX[name]) === "body") drawRing(context, view, this.placeOf(INDEX[name]), "#7fe0a0", 7)
        if (joint !== null) drawRing(context, view, this.placeOf(joint), "#fff", 10)
        const named = this.hover ?? (session.held ? joint : null)
        if (named !== null) this.label(context, this.placeOf(named), spoken(named))
    }

    label(context, point, text) {
        const [x, y] = this.view.toScreen(point)
        context.font = "12px system-ui, sans-serif"
        const wide = context.measureText(text).width + 14
        const left = Math.min(x + 14, this.canvas.clientWidth - wide - 4)
        context.fillStyle = "#10141be6"
        context.beginPath()
        context.roundRect(left, y - 30, wide, 22, 6)
        context.fill()
        context.fillStyle = "#e8edf4"
        context.fillText(text, left + 7, y - 15)
    }

    // --- who is under the pointer

    placeOf(joint, person = this.session.chosen.person) {
        const cell = this.session.chosen.frame * COUNT + joint
        const { xy } = this.session.poses(person)
        return [xy[2 * cell], xy[2 * cell + 1]]
    }

    at(event) {
        const box = this.canvas.getBoundingClientRect()
        return [event.clientX - box.left, event.clientY - box.top]
    }

    // {person, joint} that is nearest to a point of the screen, the chosen person first; null where nobody is near.
    hit([x, y], wider = 1) {
        const { session } = this
        const others = session.everybody.filter((person) => person !== session.chosen.person)
        for (const person of [session.chosen.person, ...others]) {
            if (session.removed(person)) continue
            const { score } = session.poses(person)
            let best = null
            for (let joint = 0; joint < COUNT; joint++) {
                if (!(score[session.chosen.frame * COUNT + joint] > 0)) continue
                const [a, b] = this.view.toScreen(this.placeOf(joint, person))
                const near = Math.hypot(a - x, b - y) / (NEAR[kindOf(joint)] * wider)
                if (near < 1 && near < (best?.near ?? 1)) best = { person, joint, near }
            }
            if (best) return best
        }
        return null
    }

    // --- pointers

    down(event) {
        event.preventDefault()
        this.canvas.setPointerCapture(event.pointerId)
        const at = this.at(event)
        this.pointers.set(event.pointerId, at)
        if (this.pointers.size > 1) return this.session.held && this.session.release()
        const found = event.button === 0 && this.hit(at, event.pointerType === "mouse" ? 1 : FINGER)
        if (!found) return
        if (found.person !== this.session.chosen.person) this.session.choose({ person: found.person })
        const place = this.placeOf(found.joint)
        const [x, y] = this.view.toFilm(at)
        this.grip = [place[0] - x, place[1] - y]
        this.moved = false
        this.start = at
        this.session.take(found.joint)
    }

    motion(event) {
        const at = this.at(event)
        const before = this.pointers.get(event.pointerId)
        if (!before) return this.point(this.hit(at))
        if (this.pointers.size > 1) return this.pinch(event.pointerId, at)
        this.pointers.set(event.pointerId, at)
        if (!this.session.held) {
            this.view.move(at[0] - before[0], at[1] - before[1])
            return this.redraw()
        }
        this.moved ||= Math.hypot(at[0] - this.start[0], at[1] - this.start[1]) > 2 // a click chooses, it does not move
        const [x, y] = this.view.toFilm(at)
        if (this.moved) this.session.pull([x + this.grip[0], y + this.grip[1]])
    }

    up(event) {
        if (!this.pointers.delete(event.pointerId) || !this.session.held) return
        this.session.release()
    }

    pinch(id, at) {
        const other = [...this.pointers].find(([key]) => key !== id)[1]
        const before = this.pointers.get(id)
        const apart = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]) || 1
        this.view.zoom(apart(at) / apart(before), [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2])
        this.view.move((at[0] - before[0]) / 2, (at[1] - before[1]) / 2)
        this.pointers.set(id, at)
        this.redraw()
    }

    point(found) {
        const joint = found && found.person === this.session.chosen.person ? found.joint : null
        if (joint === this.hover) return
        this.hover = joint
        this.redraw()
    }

    wheel(event) {
        event.preventDefault()
        this.view.zoom(Math.exp(-event.deltaY * WHEEL), this.at(event))
        this.redraw()
    }
}
