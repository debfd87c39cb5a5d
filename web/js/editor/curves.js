// What the timeline shows of one person or one joint: how sure the detector was, and how fast it moves.
import { COUNT, VISIBLE } from "./skeleton.js"

const BODY = 17

// [T] 0..1: the score of a joint, or the mean of the body's.
export function confidence(poses, frames, joint) {
    return Array.from({ length: frames }, (_, frame) => {
        const scores =
            joint === null
                ? poses.score.subarray(frame * COUNT, frame * COUNT + BODY)
                : [poses.score[frame * COUNT + joint]]
        return scores.reduce((sum, score) => sum + score, 0) / scores.length
    })
}

// [T] pixels per second of a joint, or the median of the body's; 0 where it is not seen in two frames that follow.
export function speed(poses, frames, fps, joint) {
    const joints = joint === null ? Array.from({ length: BODY }, (_, i) => i) : [joint]
    return Array.from({ length: frames }, (_, frame) => (frame ? median(steps(poses, frame, joints)) * fps : 0))
}

function steps({ xy, score }, frame, joints) {
    return joints.flatMap((joint) => {
        const [now, before] = [frame * COUNT + joint, (frame - 1) * COUNT + joint]
        if (score[now] < VISIBLE || score[before] < VISIBLE) return []
        return [Math.hypot(xy[2 * now] - xy[2 * before], xy[2 * now + 1] - xy[2 * before + 1])]
    })
}

function median(values) {
    const sorted = [...values].sort((a, b) => a - b)
    return sorted.length ? sorted[sorted.length >> 1] : 0
}
