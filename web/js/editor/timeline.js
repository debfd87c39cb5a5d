// The film as a line: how sure, how fast, where the key frames and marks are, and which frames are marked out.
import { confidence, speed } from "./curves.js"

const [LEFT, RIGHT] = [76, 14]
const ROWS = { ruler: [0, 20], sure: [24, 62], fast: [66, 104], keys: [108, 124], marks: [128, 146] }
export const COLOURS = { bad: "#e5687a", good: "#58c58a", swap: "#6aa8ff", hide: "#9aa3b2" }
const WHEEL = 0.0015
const FEWEST = 16 // frames that the line shows at most magnified
const LABELS = { sure: "confidence", fast: "speed", keys: "key frames", marks: "marks" }

export class Timeline {
    constructor(session, canvas, redraw) {
        Object.assign(this, { session, canvas, redraw, start: 0, length: session.film.frames })
        const on = (kind, handler, options) => canvas.addEventListener(kind, handler.bind(this), options)
        on("pointerdown", this.down)
        on("pointermove", this.motion)
        on("pointerup", this.up)
        on("pointercancel", this.up)
        on("wheel", this.wheel, { passive: false })
    }

    get width() {
        return this.canvas.clientWidth - LEFT - RIGHT
    }

    xOf(frame) {
        return LEFT + ((frame + 0.5 - this.start) * this.width) / this.length
    }

    frameAt(event) {
        const x = event.clientX - this.canvas.getBoundingClientRect().left
        const frame = Math.floor(this.start + ((x - LEFT) * this.length) / this.width)
        return Math.min(Math.max(frame, 0), this.session.film.frames - 1)
    }

    // --- pointers: a drag scrubs, with Shift it marks frames out

    down(event) {
        event.preventDefault()
        this.canvas.setPointerCapture(event.pointerId)
        const frame = this.frameAt(event)
        this.anchor = event.shiftKey ? frame : null
        this.session.set({ playing: false })
        this.session.choose({
            frame,
            range: event.shiftKey ? { first: frame, last: frame } : this.session.chosen.range,
        })
        this.dragging = true
    }

    motion(event) {
        if (!this.dragging) return
        const frame = this.frameAt(event)
        const range = this.anchor === null ? this.session.chosen.range : ordered(this.anchor, frame)
        this.session.choose({ frame, range })
    }

    up() {
        this.dragging = false
    }

    // The wheel shows fewer frames or more; with Shift, or to the side, it moves along the film.
    wheel(event) {
        event.preventDefault()
        const { frames } = this.session.film
        const aside = event.deltaX + (event.shiftKey ? event.deltaY : 0)
        const under = this.start + ((event.offsetX - LEFT) * this.length) / this.width
        const longer = aside ? 1 : Math.exp(event.deltaY * WHEEL)
        const length = Math.min(Math.max(this.length * longer, Math.min(FEWEST, frames)), frames)
        const start = under - ((under - this.start) * length) / this.length + (aside * length) / this.width
        this.show(start, length)
        this.redraw()
    }

    show(start, length) {
        this.length = length
        this.start = Math.min(Math.max(start, 0), this.session.film.frames - length)
    }

    // A film that is played or stepped through pulls the window along.
    follow(frame) {
        const inside = frame >= this.start && frame + 1 <= this.start + this.length
        if (!inside) this.show(frame < this.start ? frame : frame + 1 - this.length, this.length)
    }

    // --- drawing

    draw() {
        const { canvas, session } = this
        const ratio = window.devicePixelRatio || 1
        const size = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.round(side * ratio))
        if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size
        const context = canvas.getContext("2d")
        context.setTransform(ratio, 0, 0, ratio, 0, 0)
        context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight)
        context.font = "11px system-ui, sans-serif"
        if (this.shown !== session.chosen.frame) this.follow((this.shown = session.chosen.frame))
        this.drawRows(context)
        context.save()
        context.beginPath()
        context.rect(LEFT, 0, this.width, canvas.clientHeight)
        context.clip()
        this.drawRange(context)
        this.drawCurves(context)
        this.drawKeys(context)
        this.drawMarks(context)
        context.restore()
        this.drawRuler(context)
        this.drawHead(context, session.chosen.frame)
    }

    drawRows(context) {
        for (const [name, text] of Object.entries(LABELS)) {
            const [top, bottom] = ROWS[name]
            context.fillStyle = "#1b2029"
            context.fillRect(LEFT, top, this.width, bottom - top)
            context.fillStyle = "#8b95a5"
            context.textAlign = "right"
            context.fillText(text, LEFT - 8, (top + bottom) / 2 + 4)
        }
        const { frames, fps } = this.session.film
        context.fillText(`${(frames / fps).toFixed(1)} s`, LEFT - 16, 12)
    }

    drawRange(context) {
        const { range } = this.session.chosen
        if (!range) return
        const [a, b] = [this.xOf(range.first - 0.5), this.xOf(range.last + 0.5)]
        context.fillStyle = "#6aa8ff26"
        context.fillRect(a, ROWS.sure[0] - 2, b - a, ROWS.marks[1] - ROWS.sure[0] + 4)
        context.fillStyle = "#6aa8ff"
        for (const x of [a - 1, b - 1]) context.fillRect(x, ROWS.sure[0] - 2, 2, ROWS.marks[1] - ROWS.sure[0] + 4)
    }

    drawRuler(context) {
        const { frames } = this.session.film
        const steps = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000]
        const step = steps.find((one) => (one * this.width) / this.length >= 52) ?? 10_000
        context.textAlign = "center"
        for (let frame = 0; frame < frames; frame += step) {
            if (frame < this.start - 0.5 || frame + 0.5 > this.start + this.length) continue
            context.fillStyle = "#8b95a5"
            context.fillText(String(frame), this.xOf(frame), 12)
            context.fillRect(this.xOf(frame), 16, 1, 5)
        }
    }

    drawCurves(context) {
        const { sure, fast, top } = this.curves()
        this.curve(context, ROWS.sure, sure.came, 1, { fill: "#3fb5a324" })
        this.curve(context, ROWS.sure, sure.now, 1, { line: "#3fb5a3" })
        this.curve(context, ROWS.fast, fast.came, top, { fill: "#e0b05524" })
        this.curve(context, ROWS.fast, fast.now, top, { line: "#e0b055" })
    }

    // Counted again only when the poses or what is chosen change.
    curves() {
        const { session } = this
        const { person, joint } = session.chosen
        const { frames, fps } = session.film
        const now = session.poses()
        if (this.counted?.now === now && this.counted.joint === joint) return this.counted
        const came = session.poses(person, "came")
        const both = (count) => ({ came: count(came), now: count(now) })
        const sure = both((poses) => confidence(poses, frames, joint))
        const fast = both((poses) => speed(poses, frames, fps, joint))
        return (this.counted = { now, joint, sure, fast, top: Math.max(...fast.came, ...fast.now, 1e-6) })
    }

    // `fill` draws how it came, `line` how it is now.
    curve(context, [top, bottom], values, most, { fill, line }) {
        const y = (value) => bottom - 2 - (value / most) * (bottom - top - 4)
        context.beginPath()
        values.forEach((value, frame) => context.lineTo(this.xOf(frame), y(value)))
        if (values.length === 1) context.lineTo(this.xOf(1), y(values[0]))
        if (line) {
            context.strokeStyle = line
            context.lineWidth = 1.5
            context.stroke()
            return
        }
        context.lineTo(this.xOf(values.length - 1), bottom)
        context.lineTo(this.xOf(0), bottom)
        context.fillStyle = fill
        context.fill()
    }

    drawKeys(context) {
        const { doc, chosen } = this.session
        const y = (ROWS.keys[0] + ROWS.keys[1]) / 2
        for (const key of doc.keys) {
            if (key.person !== chosen.person) continue
            const [a, b] = [
                this.xOf(Math.max(key.frame - key.before, 0)),
                this.xOf(Math.min(key.frame + key.after, doc.frames - 1)),
            ]
            context.fillStyle = "#ffd36a44"
            context.fillRect(a, y - 2, b - a, 4)
            diamond(context, this.xOf(key.frame), y, key.frame === chosen.frame ? 7 : 5)
        }
    }

    drawMarks(context) {
        const { doc, chosen } = this.session
        const kinds = Object.keys(COLOURS)
        const [top, bottom] = ROWS.marks
        const high = (bottom - top) / kinds.length
        for (const span of doc.spans) {
            if (span.person !== chosen.person) continue
            const [a, b] = [this.xOf(span.first - 0.5), this.xOf(span.last + 0.5)]
            context.fillStyle = COLOURS[span.kind]
            context.fillRect(a, top + kinds.indexOf(span.kind) * high, Math.max(b - a, 2), high - 1)
        }
    }

    drawHead(context, frame) {
        const x = this.xOf(frame)
        context.fillStyle = "#fff"
        context.fillRect(x - 0.75, 16, 1.5, ROWS.marks[1] - 16)
        const wide = context.measureText(String(frame)).width + 12
        context.beginPath()
        context.roundRect(x - wide / 2, 1, wide, 16, 5)
        context.fill()
        context.fillStyle = "#12161d"
        context.textAlign = "center"
        context.fillText(String(frame), x, 13)
    }
}

export const ordered = (a, b) => ({ first: Math.min(a, b), last: Math.max(a, b) })

function diamond(context, x, y, size) {
    context.fillStyle = "#ffd36a"
    context.beginPath()
    context.moveTo(x, y - size)
    context.lineTo(x + size, y)
    context.lineTo(x, y + size)
    context.lineTo(x - size, y)
    context.fill()
}
