// Where the film lies on the stage: fitted, zoomed, moved.
const [SMALLEST, LARGEST] = [0.2, 40]
const BORDER = 24

export class View {
    constructor(canvas) {
        this.film = canvas
        this.size = [1, 1]
        this.fit()
    }

    fit() {
        const [width, height] = this.size
        this.scale = Math.max(
            Math.min((width - 2 * BORDER) / this.film.width, (height - 2 * BORDER) / this.film.height),
            0.01,
        )
        this.left = (width - this.film.width * this.scale) / 2
        this.top = (height - this.film.height * this.scale) / 2
        this.fitted = true
    }

    resize(width, height) {
        this.size = [width, height]
        if (this.fitted) this.fit()
    }

    toScreen([x, y]) {
        return [this.left + x * this.scale, this.top + y * this.scale]
    }

    toFilm([x, y]) {
        return [(x - this.left) / this.scale, (y - this.top) / this.scale]
    }

    // `factor` times larger; the place under [x, y] stays.
    zoom(factor, [x, y]) {
        const scale = Math.min(Math.max(this.scale * factor, SMALLEST / 10), LARGEST)
        this.left = x - ((x - this.left) * scale) / this.scale
        this.top = y - ((y - this.top) * scale) / this.scale
        this.scale = scale
        this.fitted = false
    }

    zoomMiddle(factor) {
        this.zoom(factor, [this.size[0] / 2, this.size[1] / 2])
    }

    move(x, y) {
        this.left += x
        this.top += y
        this.fitted = false
    }
}
