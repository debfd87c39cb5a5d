// Limbs that bend and keep their lengths, in the plane of the picture.
const minus = (a, b) => [a[0] - b[0], a[1] - b[1]]
const plus = (a, b) => [a[0] + b[0], a[1] + b[1]]
const times = (a, s) => [a[0] * s, a[1] * s]
export const length = (a) => Math.hypot(a[0], a[1])
export const apart = (a, b) => length(minus(a, b))

// Where `point` comes when what hangs on `from` is carried to `to` and turned by `angle`.
export function turned(point, from, to, angle) {
    const [x, y] = minus(point, from)
    const [c, s] = [Math.cos(angle), Math.sin(angle)]
    return [to[0] + c * x - s * y, to[1] + s * x + c * y]
}

export const angleOf = (from, to) => Math.atan2(to[1] - from[1], to[0] - from[0])

// `point` at its old distance from `root`, in the direction of `target`.
export function swung(root, point, target) {
    const reach = apart(root, point)
    const far = apart(root, target)
    return far < 1e-6 ? point : plus(root, times(minus(target, root), reach / far))
}

// Two bones: where the middle and the end go. The limb bends to the side it bent to; a straight one to `side` (1, -1).
// With `stretch` the end always reaches the target, else it stops where the limb is straight.
export function twoBone(root, middle, end, target, { stretch = false, side = 1 } = {}) {
    let [upper, lower] = [apart(root, middle), apart(middle, end)]
    let far = apart(root, target)
    const heading = far < 1e-6 ? minus(end, root) : minus(target, root)
    const unit = times(heading, 1 / (length(heading) || 1))
    if (stretch && far > upper + lower) {
        const longer = far / (upper + lower || 1)
        ;[upper, lower] = [upper * longer, lower * longer]
    }
    far = Math.min(Math.max(far, Math.abs(upper - lower)), upper + lower)
    const along = far < 1e-6 ? 0 : (upper * upper + far * far - lower * lower) / (2 * far)
    const off = Math.sqrt(Math.max(upper * upper - along * along, 0)) * bend(root, middle, end, side)
    return {
        middle: [root[0] + unit[0] * along - unit[1] * off, root[1] + unit[1] * along + unit[0] * off],
        end: plus(root, times(unit, far)),
    }
}

function bend(root, middle, end, side) {
    const [u, v] = [minus(end, root), minus(middle, root)]
    const cross = u[0] * v[1] - u[1] * v[0]
    return Math.abs(cross) < 0.01 * length(u) * length(v) ? side : Math.sign(cross)
}

const ROUNDS = 80
const CLOSE = 0.005 // pixels
const [STRAIGHT, BOW] = [0.99, 0.15] // share of a chain's length that counts as straight; of a bone

// A chain of any length whose first point stays: its points after the last one was pulled to `target`.
// Forward and backward reaching (Aristidou and Lasenby 2011).
export function chain(points, target) {
    const bones = points.slice(1).map((point, i) => apart(points[i], point))
    const aim = within(points[0], target, bones)
    const placed = apart(points.at(-1), aim) > CLOSE ? bowed(points, bones) : [...points]
    const last = placed.length - 1
    for (let round = 0; round < ROUNDS && apart(placed[last], aim) > CLOSE; round++) {
        placed[last] = aim
        for (let i = last - 1; i >= 0; i--) placed[i] = at(placed[i + 1], placed[i], bones[i])
        placed[0] = points[0]
        for (let i = 1; i <= last; i++) placed[i] = at(placed[i - 1], placed[i], bones[i - 1])
    }
    return placed
}

// A straight chain with its inner points moved aside a little: reaching along a line would take for ever.
function bowed(points, bones) {
    const line = minus(points.at(-1), points[0])
    const reach = bones.reduce((sum, bone) => sum + bone, 0)
    if (length(line) < STRAIGHT * reach) return [...points]
    const aside = times([-line[1], line[0]], BOW / (length(line) || 1))
    return points.map((point, i) => (i && i < bones.length ? plus(point, times(aside, bones[i - 1])) : point))
}

// The target, or the farthest place on the way there that the bones reach.
function within(root, target, bones) {
    const reach = bones.reduce((sum, bone) => sum + bone, 0)
    const far = apart(root, target)
    return far > reach ? plus(root, times(minus(target, root), reach / far)) : target
}

function at(from, towards, distance) {
    const far = apart(from, towards)
    return far < 1e-6 ? [from[0] + distance, from[1]] : plus(from, times(minus(towards, from), distance / far))
}
