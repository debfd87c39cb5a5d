// How a move at key frames spreads into the frames around them: humandit/pose/edit/blend.py, to the last bit.
import { INDEX } from "./skeleton.js"

export function weight(distance, reach) {
    if (distance > reach) return 0
    const x = 1 - distance / (reach + 1)
    return x * x * (3 - 2 * x)
}

// keys of one person -> Map of joint -> Float64Array of x, y per frame
export function moves(keys, frames) {
    const tracks = new Map()
    const ordered = [...keys].sort((a, b) => a.frame - b.frame)
    const names = new Set(ordered.flatMap((key) => Object.keys(key.moved ?? {})))
    for (const name of names) {
        const own = ordered.filter((key) => key.moved?.[name])
        const track = new Float64Array(2 * frames)
        own.forEach((key, place) => spread(track, key, key.moved[name], own[place - 1], own[place + 1]))
        tracks.set(INDEX[name], track)
    }
    return tracks
}

function spread(track, key, [dx, dy], before, after) {
    const back = before ? Math.min(key.before, key.frame - before.frame - 1) : key.before
    const ahead = after ? Math.min(key.after, after.frame - key.frame - 1) : key.after
    const stop = Math.min(key.frame + ahead + 1, track.length / 2)
    for (let frame = Math.max(key.frame - back, 0); frame < stop; frame++) {
        const share = weight(Math.abs(frame - key.frame), frame < key.frame ? back : ahead)
        track[2 * frame] += share * dx
        track[2 * frame + 1] += share * dy
    }
}
