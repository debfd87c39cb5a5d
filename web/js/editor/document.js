// The edit document as the workflow keeps it: see humandit/pose/edit/document.py. Documents are replaced, never changed.
import { INDEX, NAMES, PARTS } from "./skeleton.js"

export const SCHEMA = "humandit-edit/1"
export const OPPOSITE = { bad: "good", good: "bad" }

export function emptyFor(film) {
    const head = { schema: SCHEMA, skeleton: film.skeleton, frames: film.frames, fps: film.fps, canvas: film.canvas }
    return { ...head, people: film.people.length, keys: [], spans: [], added: [], removed: [] }
}

// The document in `text`, or null where it is empty. Throws in words where it is none, or belongs to another film.
export function parse(text, film) {
    if (!text?.trim()) return null
    let data
    try {
        data = JSON.parse(text)
    } catch {
        throw new Error("The edits of this node are not readable.")
    }
    if (data?.schema !== SCHEMA) throw new Error(`These edits are of another version (${data?.schema}).`)
    const [made, came] = [told(data, data.people), told(film, film.people.length)]
    if (made !== came)
        throw new Error(`These edits belong to another film: they were made for ${made}; this is ${came}.`)
    const doc = { ...emptyFor(film), ...data, keys: blends(data.keys), spans: everywhere(data.spans) }
    if (!sound(doc)) throw new Error("The edits of this node are not readable.")
    return doc
}

// What may be left out of the text.
const blends = (keys = []) => (Array.isArray(keys) ? keys.map((key) => ({ before: 0, after: 0, ...key })) : null)
const everywhere = (spans = []) => (Array.isArray(spans) ? spans.map((span) => ({ joints: ["all"], ...span })) : null)

// Enough to work with; what is left over, Python refuses in words.
function sound(doc) {
    if (![doc.keys, doc.spans, doc.added, doc.removed].every(Array.isArray)) return false
    const whole = (value, below) => Number.isInteger(value) && value >= 0 && value < below
    const places = (named = {}) => Object.entries(named).every(([name, place]) => name in INDEX && isPlace(place))
    const people = doc.people + doc.added.length
    const key = (one) =>
        whole(one?.person, people) && whole(one.frame, doc.frames) && places(one.moved) && places(one.placed)
    const span = (one) =>
        whole(one?.person, people) &&
        whole(one.last, doc.frames) &&
        whole(one.first, one.last + 1) &&
        Array.isArray(one.joints) &&
        one.joints.every((word) => word in INDEX || word in PARTS)
    const copy = (one) => whole(one?.copy, doc.people) && isPlace(one.shift)
    return doc.keys.every(key) && doc.spans.every(span) && doc.added.every(copy)
}

const isPlace = (place) => Array.isArray(place) && place.length === 2 && place.every(Number.isFinite)

const told = (film, people) => `${people} × ${film.frames} frames of ${film.canvas?.width}×${film.canvas?.height}`

export const anything = (doc) => ["keys", "spans", "added", "removed"].some((list) => doc[list].length > 0)

export function write(doc) {
    if (!anything(doc)) return ""
    const kept = Object.entries(doc).filter(([, value]) => !Array.isArray(value) || value.length)
    return JSON.stringify(Object.fromEntries(kept))
}

// "3 key frames, 1 mark", or the empty text.
export function summary(doc) {
    const words = [
        [doc.keys.length, "key frame", "key frames"],
        [doc.spans.length, "mark", "marks"],
        [doc.added.length, "person added", "people added"],
        [doc.removed.length, "person deleted", "people deleted"],
    ]
    return words
        .filter(([n]) => n)
        .map(([n, one, many]) => `${n} ${n === 1 ? one : many}`)
        .join(", ")
}

const round = (value) => Math.round(value * 100) / 100

export const keyAt = (doc, person, frame) => doc.keys.find((key) => key.person === person && key.frame === frame)

function withKey(doc, key) {
    const others = doc.keys.filter((other) => other.person !== key.person || other.frame !== key.frame)
    const kept = Object.keys(key.moved ?? {}).length + Object.keys(key.placed ?? {}).length ? [key] : []
    const keys = [...others, ...kept].sort((a, b) => a.person - b.person || a.frame - b.frame)
    return { ...doc, keys }
}

// `places`: joint -> [x, y] wanted in this frame; `base`: joint -> [x, y] that the move is measured from.
export function withPlaces(doc, person, frame, places, base, blend) {
    const key = keyAt(doc, person, frame) ?? { person, frame, before: blend, after: blend }
    const [moved, placed] = [{ ...key.moved }, { ...key.placed }]
    for (const [joint, [x, y]] of places) {
        const name = NAMES[joint]
        if (placed[name] && !moved[name]) placed[name] = [round(x), round(y)]
        else moved[name] = [round(x - base.get(joint)[0]), round(y - base.get(joint)[1])]
    }
    return withKey(doc, tidy({ ...key, moved, placed }))
}

// Joints that were missing in this frame, put where they belong.
export function withPlaced(doc, person, frame, places, blend) {
    const key = keyAt(doc, person, frame) ?? { person, frame, before: blend, after: blend }
    const placed = { ...key.placed }
    for (const [joint, [x, y]] of places) placed[NAMES[joint]] = [round(x), round(y)]
    return withKey(doc, tidy({ ...key, placed }))
}

export const withoutKey = (doc, person, frame) => withKey(doc, { person, frame })

export function withBlend(doc, person, frame, blend) {
    const key = keyAt(doc, person, frame)
    return key ? withKey(doc, { ...key, before: blend, after: blend }) : doc
}

function tidy(key) {
    const tidied = { ...key }
    for (const field of ["moved", "placed"]) if (!Object.keys(tidied[field] ?? {}).length) delete tidied[field]
    return tidied
}

// A mark more. The same swap twice is none; good and bad take each other's place.
export function withSpan(doc, span) {
    const like = (other, kind) =>
        other.kind === kind && other.person === span.person && String(other.joints) === String(span.joints)
    const same = (other) => like(other, span.kind) && other.first === span.first && other.last === span.last
    if (span.kind === "swap" && doc.spans.some(same)) return { ...doc, spans: doc.spans.filter((one) => !same(one)) }
    const clears = (other) => like(other, OPPOSITE[span.kind]) || (span.kind !== "swap" && like(other, span.kind))
    return { ...doc, spans: [...cut(doc.spans, span.first, span.last, clears), span] }
}

export const withoutSpans = (doc, person, first, last) => ({
    ...doc,
    spans: cut(doc.spans, first, last, (span) => span.person === person),
})

// Spans without their frames from first to last, where `meant` says so.
function cut(spans, first, last, meant) {
    return spans.flatMap((span) => {
        if (!meant(span) || span.last < first || span.first > last) return [span]
        const rest = [
            { ...span, last: first - 1 },
            { ...span, first: last + 1 },
        ]
        return rest.filter((part) => part.first <= part.last)
    })
}

export const withCopy = (doc, copy, shift) => ({ ...doc, added: [...doc.added, { copy, shift: shift.map(round) }] })

export const withRemoved = (doc, person) => ({ ...doc, removed: [...doc.removed, person].sort((a, b) => a - b) })

export const withRestored = (doc, person) => ({ ...doc, removed: doc.removed.filter((other) => other !== person) })
