// Poses and pictures as the node left them in ComfyUI's temporary folder.
import { COUNT } from "./skeleton.js"

const KEPT = 48 // decoded pictures; the others stay JPEGs

function headed(buffer) {
    const bytes = new Uint8Array(buffer)
    const stop = bytes.indexOf(10)
    return { head: JSON.parse(new TextDecoder().decode(bytes.subarray(0, stop))), start: stop + 1 }
}

// What humandit/pose/edit/pack.py wrote: {frames, fps, canvas, skeleton, people: [{xy, score}]}
export function unpackPoses(buffer) {
    const { head, start } = headed(buffer)
    const values = new Float32Array(buffer, start)
    const cells = head.frames * COUNT
    const people = Array.from({ length: head.people }, (_, person) => {
        const [xy, score] = [new Float32Array(2 * cells), new Float32Array(cells)]
        for (let i = 0, at = 3 * cells * person; i < cells; i++, at += 3) {
            xy[2 * i] = values[at]
            xy[2 * i + 1] = values[at + 1]
            score[i] = values[at + 2]
        }
        return { xy, score }
    })
    return { ...head, people }
}

// The pictures behind the poses, decoded when they are asked for.
export class Pictures {
    constructor(buffer) {
        const { head, start } = headed(buffer)
        let stop = start
        this.files = head.sizes.map((size) => {
            stop += size
            return new Blob([new Uint8Array(buffer, stop - size, size)], { type: "image/jpeg" })
        })
        this.ready = new Map()
        this.coming = new Set()
    }

    // The picture of a frame among `frames`, or the newest one that is there; `later` is called when it has come.
    of(frame, frames, later) {
        const number = Math.round((frame * (this.files.length - 1)) / Math.max(frames - 1, 1))
        const picture = this.ready.get(number)
        if (picture) {
            this.ready.delete(number)
            this.ready.set(number, picture) // the most recently used stay
            this.last = picture
        } else if (!this.coming.has(number)) this.decode(number, later)
        return picture ?? this.last
    }

    async decode(number, later) {
        this.coming.add(number)
        const picture = await createImageBitmap(this.files[number])
        this.coming.delete(number)
        this.ready.set(number, picture)
        this.last ??= picture
        for (const old of this.ready.keys()) {
            if (this.ready.size <= KEPT) break
            this.ready.delete(old)
        }
        later()
    }
}

async function bytesOf(url) {
    const answer = await fetch(url)
    if (!answer.ok) throw new Error("The poses of the last run are gone. Run the node again.")
    return answer.arrayBuffer()
}

export async function load(files, urlOf) {
    const [poses, pictures] = await Promise.all([bytesOf(urlOf(files.poses)), files.film && bytesOf(urlOf(files.film))])
    return { ...unpackPoses(poses), pictures: pictures ? new Pictures(pictures) : null }
}
