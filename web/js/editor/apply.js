// Edits on one person's poses, in the order of humandit/pose/edit/apply.py: swap, forget and fill, confirm, move, hide.
import { moves } from "./blend.js"
import { COUNT, INDEX, MIRROR, VISIBLE, jointsOf } from "./skeleton.js"

// Poses are {xy: Float32Array [T, K, 2], score: Float32Array [T, K]}.
export function original(film, doc, person) {
    if (person < film.people.length) return film.people[person]
    const { copy, shift } = doc.added[person - film.people.length]
    const xy = film.people[copy].xy.slice()
    for (let i = 0; i < xy.length; i++) xy[i] += Math.fround(shift[i % 2])
    return { xy, score: film.people[copy].score }
}

// What is seen, before joints are moved: what moves are measured from.
export function seen(film, doc, person) {
    const came = original(film, doc, person)
    const poses = { xy: came.xy.slice(), score: came.score.slice() }
    const spans = doc.spans.filter((span) => span.person === person)
    swap(
        poses,
        spans.filter((span) => span.kind === "swap"),
    )
    refill(
        poses,
        spans.filter((span) => span.kind === "bad"),
        keysOf(doc, person),
        film.frames,
    )
    cover(
        spans.filter((span) => span.kind === "good"),
        (cell) => {
            if (poses.score[cell] > 0) poses.score[cell] = 1
        },
    )
    return poses
}

// The poses as the node gives them; `base` is what seen() gave.
export function edited(film, doc, person, base = seen(film, doc, person)) {
    const xy = base.xy.slice()
    const score = base.score.slice()
    const keys = keysOf(doc, person)
    for (const [joint, track] of moves(keys, film.frames))
        for (let frame = 0; frame < film.frames; frame++) {
            const at = 2 * (frame * COUNT + joint)
            xy[at] = base.xy[at] + track[2 * frame]
            xy[at + 1] = base.xy[at + 1] + track[2 * frame + 1]
        }
    for (const key of keys) for (const name in key.moved ?? {}) score[key.frame * COUNT + INDEX[name]] = 1
    const hidden = doc.spans.filter((span) => span.person === person && span.kind === "hide")
    cover(hidden, (cell) => (score[cell] = 0))
    return { xy, score }
}

export const keysOf = (doc, person) => doc.keys.filter((key) => key.person === person)

function cover(spans, visit) {
    for (const span of spans)
        for (let frame = span.first; frame <= span.last; frame++)
            for (const joint of jointsOf(span.joints)) visit(frame * COUNT + joint)
}

function swap({ xy, score }, spans) {
    for (const span of spans) {
        const joints = jointsOf(span.joints)
        const pairs = new Set([...joints, ...joints.map((joint) => MIRROR[joint])])
        for (let frame = span.first; frame <= span.last; frame++)
            for (const joint of pairs) {
                if (joint >= MIRROR[joint]) continue
                const [a, b] = [frame * COUNT + joint, frame * COUNT + MIRROR[joint]]
                ;[score[a], score[b]] = [score[b], score[a]]
                ;[xy[2 * a], xy[2 * b]] = [xy[2 * b], xy[2 * a]]
                ;[xy[2 * a + 1], xy[2 * b + 1]] = [xy[2 * b + 1], xy[2 * a + 1]]
            }
    }
}

function refill(poses, spans, keys, frames) {
    const { xy, score } = poses
    const bad = new Uint8Array(score.length)
    cover(spans, (cell) => {
        bad[cell] = 1
        score[cell] = 0
    })
    for (const key of keys)
        for (const [name, [x, y]] of Object.entries(key.placed ?? {})) {
            const cell = key.frame * COUNT + INDEX[name]
            xy[2 * cell] = x
            xy[2 * cell + 1] = y
            score[cell] = 1
            bad[cell] = 0
        }
    for (let joint = 0; joint < COUNT; joint++) fillJoint(poses, bad, joint, frames)
}

function fillJoint({ xy, score }, bad, joint, frames) {
    let before = -1
    const filled = []
    for (let frame = 0; frame < frames; frame++) {
        const after = frame * COUNT + joint
        if (score[after] < VISIBLE) continue
        for (let gap = before + 1; before >= 0 && gap < frame; gap++) {
            const cell = gap * COUNT + joint
            if (!bad[cell]) continue
            const part = (gap - before) / (frame - before)
            const from = before * COUNT + joint
            for (const axis of [0, 1])
                xy[2 * cell + axis] = xy[2 * from + axis] * (1 - part) + xy[2 * after + axis] * part
            filled.push(cell)
        }
        before = frame
    }
    for (const cell of filled) score[cell] = VISIBLE // only now, so that a filled joint never anchors another
}
