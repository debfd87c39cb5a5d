// One sitting at the editor: the film, the edits and their history, and what is chosen. Knows nothing of the page.
import { edited, original, seen } from "./apply.js"
import * as documents from "./document.js"
import { drag, dragAll, pointsOf } from "./drag.js"
import { missingIn } from "./missing.js"
import { NAMES, partOf } from "./skeleton.js"

const STEPS = 500 // that can be undone
const BESIDE = 0.15 // of the width: how far a copied person stands beside the first

export class Session {
    // `save` takes the text of the edits after every change.
    constructor(film, text, save) {
        this.film = film
        this.doc = documents.parse(text, film) ?? documents.emptyFor(film)
        this.save = save
        this.past = []
        this.future = []
        this.listeners = new Set()
        this.chosen = { person: 0, frame: 0, joint: null, range: null, scope: "all" }
        this.chosen.person = this.everybody.find((person) => !this.removed(person)) ?? 0
        this.options = {
            lock: true,
            bend: true,
            whole: false,
            blend: 4,
            onion: false,
            loop: true,
            playing: false,
            bright: 0.6,
        }
        this.message = ""
    }

    get everybody() {
        return Array.from({ length: this.film.people.length + this.doc.added.length }, (_, person) => person)
    }

    get range() {
        const { range, frame } = this.chosen
        return range ?? { first: frame, last: frame }
    }

    get key() {
        return documents.keyAt(this.doc, this.chosen.person, this.chosen.frame)
    }

    get joints() {
        const { scope, joint } = this.chosen
        if (scope === "all" || joint === null) return ["all"]
        return [scope === "part" ? partOf(joint) : NAMES[joint]]
    }

    removed(person) {
        return this.doc.removed.includes(person)
    }

    listen(listener) {
        this.listeners.add(listener)
    }

    tell() {
        for (const listener of this.listeners) listener()
    }

    choose(changes) {
        this.chosen = { ...this.chosen, ...changes }
        this.chosen.frame = Math.min(Math.max(this.chosen.frame, 0), this.film.frames - 1)
        this.tell()
    }

    set(changes) {
        this.options = { ...this.options, ...changes }
        this.tell()
    }

    // Poses of a person: as they "came", as they are "seen" before joints are moved, or "edited" as the node gives them.
    poses(person = this.chosen.person, kind = "edited") {
        if (this.cached !== this.doc) [this.cached, this.cache] = [this.doc, new Map()]
        const name = `${kind} ${person}`
        if (!this.cache.has(name)) this.cache.set(name, this.make(person, kind))
        return this.cache.get(name)
    }

    make(person, kind) {
        if (kind === "came") return original(this.film, this.doc, person)
        if (kind === "seen") return seen(this.film, this.doc, person)
        return edited(this.film, this.doc, person, this.poses(person, "seen"))
    }

    // --- changes

    // Changes with the same `gesture` that follow each other are undone as one.
    commit(doc, message = "", gesture = null) {
        this.message = message
        if (doc === this.doc) return this.tell()
        if (!gesture || gesture !== this.gesture) this.past = [...this.past.slice(1 - STEPS), this.doc]
        this.gesture = gesture
        this.future = []
        this.put(doc)
    }

    put(doc) {
        this.doc = doc
        if (!this.everybody.includes(this.chosen.person)) this.chosen.person = 0
        this.save(documents.write(doc))
        this.tell()
    }

    undo() {
        if (!this.past.length) return
        this.gesture = null
        this.future = [this.doc, ...this.future]
        const doc = this.past.at(-1)
        this.past = this.past.slice(0, -1)
        this.put(doc)
    }

    redo() {
        if (!this.future.length) return
        this.past = [...this.past, this.doc]
        const doc = this.future[0]
        this.future = this.future.slice(1)
        this.put(doc)
    }

    // --- dragging: from the pose as it was when the joint was taken

    take(joint) {
        const { person, frame } = this.chosen
        const points = pointsOf(this.poses(), frame)
        this.held = { joint, points, doc: this.doc, base: pointsOf(this.poses(person, "seen"), frame) }
        this.set({ playing: false })
        this.choose({ joint })
    }

    pull(target) {
        const { joint, points, base, doc } = this.held
        const { person, frame } = this.chosen
        const places = this.options.whole ? dragAll(points, joint, target) : drag(points, joint, target, this.options)
        this.doc = documents.withPlaces(doc, person, frame, places, base, this.options.blend)
        this.tell()
    }

    release() {
        const { doc } = this.held
        this.held = null
        const now = this.doc
        this.doc = doc
        if (JSON.stringify(now) !== JSON.stringify(doc)) this.commit(now)
        else this.tell()
    }

    // One step of `x`, `y` pixels for the chosen joint.
    nudge(x, y) {
        const { joint, frame } = this.chosen
        const place = joint === null ? null : pointsOf(this.poses(), frame).get(joint)
        if (!place) return
        this.take(joint)
        this.pull([place[0] + x, place[1] + y])
        this.release()
    }

    // --- key frames

    setBlend(blend) {
        this.options = { ...this.options, blend }
        const { person, frame } = this.chosen
        const doc = this.key ? documents.withBlend(this.doc, person, frame, blend) : this.doc
        this.commit(doc, "", `blend ${person} ${frame}`)
    }

    deleteKey() {
        const { person, frame } = this.chosen
        if (this.key) this.commit(documents.withoutKey(this.doc, person, frame), "Key frame removed.")
    }

    stepToKey(direction) {
        const { person, frame } = this.chosen
        const frames = this.doc.keys.filter((key) => key.person === person).map((key) => key.frame)
        const next = direction > 0 ? frames.find((f) => f > frame) : frames.findLast((f) => f < frame)
        if (next !== undefined) this.choose({ frame: next })
    }

    // Joints of the chosen scope that this frame lacks, put where they may be.
    placeMissing() {
        const { person, frame } = this.chosen
        const { wanted, places } = missingIn(this.poses(person, "seen"), this.film.frames, frame, this.joints)
        if (!wanted.length) return this.commit(this.doc, "Nothing is missing here.")
        if (!places.size) return this.commit(this.doc, "No frame shows what is missing here.")
        const doc = documents.withPlaced(this.doc, person, frame, places, this.options.blend)
        this.commit(doc, `${places.size} missing ${places.size === 1 ? "joint" : "joints"} placed from near frames.`)
    }

    // --- marks

    mark(kind) {
        const joints = kind === "swap" && this.joints[0] === "all" ? ["body"] : this.joints
        this.commit(documents.withSpan(this.doc, { person: this.chosen.person, kind, ...this.range, joints }))
    }

    clearMarks() {
        const { first, last } = this.range
        const doc = documents.withoutSpans(this.doc, this.chosen.person, first, last)
        this.commit(JSON.stringify(doc.spans) === JSON.stringify(this.doc.spans) ? this.doc : doc)
    }

    // --- people

    copyPerson() {
        const { person } = this.chosen
        const source = person < this.film.people.length ? person : this.doc.added[person - this.film.people.length].copy
        this.commit(
            documents.withCopy(this.doc, source, [this.film.canvas.width * BESIDE, 0]),
            "A copy stands beside; drag it whole.",
        )
        this.choose({ person: this.everybody.at(-1), joint: null })
    }

    toggleRemoved(person) {
        if (this.removed(person)) return this.commit(documents.withRestored(this.doc, person))
        const left = this.everybody.filter((other) => other !== person && !this.removed(other))
        if (!left.length) return this.commit(this.doc, "Somebody has to stay in the film.")
        this.commit(documents.withRemoved(this.doc, person))
        if (this.chosen.person === person) this.choose({ person: left[0], joint: null })
    }
}
