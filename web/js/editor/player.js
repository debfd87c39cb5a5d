// Plays the frames at the film's speed, in a loop or once, inside the frames that are marked out.
export class Player {
    constructor(session) {
        this.session = session
        this.running = false
    }

    // Called whenever something changed.
    follow() {
        if (!this.session.options.playing || this.running) return
        this.running = true
        this.started = performance.now()
        const { first, last } = this.stretch
        const { frame } = this.session.chosen
        this.from = frame >= last || frame < first ? first : frame
        requestAnimationFrame((now) => this.step(now))
    }

    get stretch() {
        return this.session.chosen.range ?? { first: 0, last: this.session.film.frames - 1 }
    }

    step(now) {
        const { session } = this
        if (!session.options.playing) return (this.running = false)
        const { first, last } = this.stretch
        const passed = this.from - first + Math.floor(((now - this.started) * session.film.fps) / 1000)
        const frame = first + (passed % (last - first + 1))
        if (!session.options.loop && passed > last - first) {
            session.choose({ frame: last })
            session.set({ playing: false })
        } else if (frame !== session.chosen.frame) session.choose({ frame })
        requestAnimationFrame((later) => this.step(later))
    }
}
