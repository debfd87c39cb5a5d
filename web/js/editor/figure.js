// A person as lines and dots on a canvas, in pixels of the screen.
import { COUNT, FACE, HANDS, INDEX, LINES, VISIBLE } from "./skeleton.js"

const SHOULDERS = [INDEX.left_shoulder, INDEX.right_shoulder]
const WIDE = 4

export const kindOf = (joint) => (joint < FACE ? "body" : joint < HANDS.left ? "face" : "hand")
const DOTS = { body: 4.5, hand: 2.6, face: 1.6 }
const FULL = 720 // pixels of the screen that the film's height takes where dots have the sizes above

const grown = (view) => Math.min(Math.max((view.scale * view.film.height) / FULL, 0.4), 1.6)

// [x, y] of a joint in the film's pixels; null where it is not drawn.
function place({ xy, score }, frame, joint) {
    const cell = frame * COUNT + joint
    return score[cell] >= VISIBLE ? [xy[2 * cell], xy[2 * cell + 1]] : null
}

function end(poses, frame, joint) {
    if (joint >= 0) return place(poses, frame, joint)
    const [a, b] = SHOULDERS.map((shoulder) => place(poses, frame, shoulder))
    return a && b && [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}

// `colour` replaces the colours of the limbs: for onion skins.
export function drawFigure(context, view, poses, frame, { alpha = 1, colour = null, dots = true } = {}) {
    context.save()
    context.globalAlpha = alpha
    context.lineCap = "round"
    const size = grown(view)
    for (const [from, to, hue, thickness] of LINES) {
        const [a, b] = [end(poses, frame, from), end(poses, frame, to)]
        if (!a || !b) continue
        context.strokeStyle = colour ?? hue
        context.lineWidth = Math.max(WIDE * thickness * size, 0.8)
        context.beginPath()
        context.moveTo(...view.toScreen(a))
        context.lineTo(...view.toScreen(b))
        context.stroke()
    }
    if (dots) drawDots(context, view, poses, frame, colour)
    context.restore()
}

function drawDots(context, view, poses, frame, colour) {
    const size = grown(view)
    for (let joint = 0; joint < COUNT; joint++) {
        const at = place(poses, frame, joint)
        if (!at) continue
        const [x, y] = view.toScreen(at)
        context.fillStyle = colour ?? (kindOf(joint) === "body" ? "#fff" : "#e6ebf2")
        context.beginPath()
        context.arc(x, y, DOTS[kindOf(joint)] * (kindOf(joint) === "body" ? Math.max(size, 0.7) : size), 0, 2 * Math.PI)
        context.fill()
        if (colour || kindOf(joint) !== "body") continue
        context.lineWidth = 1.2
        context.strokeStyle = "#10141b"
        context.stroke()
    }
}

// Joints the detector was not sure of: hollow, so that they can be taken or called right.
export function drawUnsure(context, view, { xy, score }, frame) {
    context.save()
    context.lineWidth = 1.2
    context.strokeStyle = "#ff9f6b"
    context.setLineDash([2, 2])
    for (let joint = 0; joint < FACE; joint++) {
        const cell = frame * COUNT + joint
        if (!(score[cell] > 0) || score[cell] >= VISIBLE) continue
        context.beginPath()
        context.arc(...view.toScreen([xy[2 * cell], xy[2 * cell + 1]]), DOTS.body, 0, 2 * Math.PI)
        context.stroke()
    }
    context.restore()
}

export function drawRing(context, view, point, colour, radius = 9) {
    context.beginPath()
    context.arc(...view.toScreen(point), radius, 0, 2 * Math.PI)
    context.lineWidth = 2
    context.strokeStyle = colour
    context.stroke()
}
