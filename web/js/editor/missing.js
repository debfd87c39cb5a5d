// Joints that a frame lacks, taken from the nearest frame that shows them and carried along with the body.
import { COUNT, INDEX, PARTS, VISIBLE } from "./skeleton.js"

// The joints of `words` that are not drawn in a frame, and where they may be: {wanted, places: joint -> [x, y]}.
export function missingIn(poses, frames, frame, words) {
    const joints = words.flatMap((word) => PARTS[word] ?? [INDEX[word]])
    const wanted = joints.filter((joint) => !shows(poses, frame, joint))
    const places = new Map()
    for (const joint of wanted) {
        const near = nearest(poses, frames, frame, joint)
        if (near !== null) places.set(joint, carriedOver(poses, near, frame, joint))
    }
    return { wanted, places }
}

const shows = (poses, frame, joint) => poses.score[frame * COUNT + joint] >= VISIBLE

function nearest(poses, frames, frame, joint) {
    for (let far = 1; far < frames; far++)
        for (const near of [frame - far, frame + far])
            if (near >= 0 && near < frames && shows(poses, near, joint)) return near
    return null
}

function carriedOver({ xy, score }, from, to, joint) {
    const both = PARTS.body.filter((j) => score[from * COUNT + j] >= VISIBLE && score[to * COUNT + j] >= VISIBLE)
    return [0, 1].map((axis) => {
        const shifts = both.map((j) => xy[2 * (to * COUNT + j) + axis] - xy[2 * (from * COUNT + j) + axis])
        const mean = shifts.length ? shifts.reduce((a, b) => a + b, 0) / shifts.length : 0
        return xy[2 * (from * COUNT + joint) + axis] + mean
    })
}
