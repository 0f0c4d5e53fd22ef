"""The comp's inner loops: match a layer, stack all layers, merge, bleed. ``integrate`` says what they are for."""

import math

import numpy as np
from numba import njit, prange

# Coverage below LOW is none, above HIGH all of it: dust has endless faint skirts, and the plate lock needs an end.
LOW, HIGH = 1 / 1024, 4 / 1024


@njit(parallel=True, cache=True, nogil=True)
def match_layer(  # type: ignore[no-untyped-def]
    layer, depth, gain, haze_per_m, haze_colour, black
):
    """Return a layer (height, width, 4) exposed, faded by the air, lifted to the plate's black, its skirts ended."""
    height, width = layer.shape[0], layer.shape[1]
    out = np.empty_like(layer)
    has_depth = depth.shape[0] == height and depth.shape[1] == width
    span = np.float32(HIGH - LOW)
    for y in prange(height):
        for x in range(width):
            alpha = layer[y, x, 3]
            # A smooth end of faint skirts (see LOW), applied to colour and coverage alike.
            t = min(max((alpha - np.float32(LOW)) / span, np.float32(0)), np.float32(1))
            keep = t * t * (np.float32(3) - np.float32(2) * t)
            clear = np.float32(1)
            if has_depth and haze_per_m > 0 and depth[y, x] < np.float32(1e6):
                clear = np.float32(math.exp(-haze_per_m * depth[y, x]))
            for c in range(3):
                value = layer[y, x, c] * gain
                value = value * clear + alpha * haze_colour[c] * (np.float32(1) - clear)
                floor = black[c] * alpha
                if floor > np.float32(1e-9) and value < np.float32(8) * floor:
                    # Soft maximum: black reads the plate's black, twice the black is hardly moved.
                    value += floor * np.float32(math.exp(-max(value, np.float32(0)) / floor))
                out[y, x, c] = value * keep
            out[y, x, 3] = min(alpha, np.float32(1)) * keep
    return out


@njit(parallel=True, cache=True, nogil=True)
def stack(  # type: ignore[no-untyped-def]
    plate,
    behind_building,
    foreground,
    removal,
    holdout,
    debris,
    standing,
    static,
    front,
    behind,
    shade,
    shade_static,
    strength,
):
    """Merge all layers; return element, background, its shadow, and how much of the building is gone."""
    height, width = plate.shape[0], plate.shape[1]
    element = np.zeros((height, width, 4), np.float32)
    clean = np.empty((height, width, 3), np.float32)
    shadow = np.ones((height, width, 3), np.float32)
    gone = np.zeros((height, width), np.float32)
    one, zero = np.float32(1), np.float32(0)
    size = (height, width)
    has_debris, has_front, has_behind = debris.shape[:2] == size, front.shape[:2] == size, behind.shape[:2] == size
    has_static = static.shape[:2] == size
    has_shade, has_static_shade = shade.shape[:2] == size, shade_static.shape[:2] == size
    for y in prange(height):
        for x in range(width):
            h = holdout[y, x]
            open_ = one - h
            alpha = debris[y, x, 3] * open_ if has_debris else zero
            # The rest of the pixel: vacated ground, plate that stays, and of that what a surface stands before.
            still = min(standing[y, x], one - alpha)
            rest = one - alpha - still
            wall = min(static[y, x], still) if has_static else zero
            front_alpha = front[y, x, 3] if has_front else zero
            behind_alpha = behind[y, x, 3] if has_behind else zero
            through = one - front_alpha
            past = one - behind_alpha
            for c in range(3):
                value = zero
                if has_debris:
                    value += debris[y, x, c] * open_
                if has_behind:
                    value += (rest + still - wall) * behind[y, x, c]
                value *= through
                if has_front:
                    value += front[y, x, c]
                element[y, x, c] = value
            seen = (rest + still - wall) * past + wall
            covered = one - through * seen
            if covered < np.float32(1e-6):
                covered = zero
            element[y, x, 3] = covered
            gone[y, x] = removal[y, x] * (one - standing[y, x]) * open_
            vacant = rest / (rest + still) if rest + still > np.float32(1e-4) else one - standing[y, x]
            # Where a twig covers part of the pixel, the plate holds some of what stood behind it. As that is
            # covered, the twig's own colour must come forward (the plate is twig * h + behind * (1 - h)).
            twig = zero
            if zero < h < one and covered > zero:
                hidden = min(covered / max(open_, np.float32(1e-3)), one)
                twig = min(hidden * h / max(one - hidden * open_, np.float32(1e-3)), one)
            for c in range(3):
                source = plate[y, x, c]
                if twig > zero:
                    source += (foreground[y, x, c] - source) * twig
                vacated = source
                if removal[y, x] > zero:
                    vacated += (behind_building[y, x, c] - source) * removal[y, x]
                back = source
                if vacant > zero:
                    back += (vacated - source) * vacant
                clean[y, x, c] = back
                if not (has_shade or has_static_shade or has_behind) or seen < np.float32(1e-4):
                    continue
                dark = one + (shade[y, x, c] - one) * strength * open_ if has_shade else one
                dark_wall = one + (shade_static[y, x, c] - one) * strength * open_ if has_static_shade else one
                lit = (rest * vacated + (still - wall) * source) * past * dark + wall * source * dark_wall
                if back > np.float32(1e-6):
                    ratio = lit / (back * seen)
                    shadow[y, x, c] = one if abs(ratio - one) < np.float32(0.5 / 1024) else max(ratio, zero)
    return element, clean, shadow, gone


@njit(parallel=True, cache=True, nogil=True)
def merge(  # type: ignore[no-untyped-def]
    element, clean, shadow, gone, noise, nodes, sigmas, regrain
):
    """Merge the element over its shadowed background and grain what is new."""
    height, width = element.shape[0], element.shape[1]
    comp = np.ones((height, width, 4), np.float32)
    support = np.zeros((height, width), np.float32)
    matte = np.zeros((height, width), np.float32)
    one, zero = np.float32(1), np.float32(0)
    has_noise = noise.shape[0] == height and noise.shape[1] == width
    last = nodes.shape[0] - 1
    for y in prange(height):
        for x in range(width):
            alpha = element[y, x, 3]
            through = one - alpha
            touched = max(alpha, gone[y, x])
            r = element[y, x, 0] + through * (clean[y, x, 0] * shadow[y, x, 0])
            g = element[y, x, 1] + through * (clean[y, x, 1] * shadow[y, x, 1])
            b = element[y, x, 2] + through * (clean[y, x, 2] * shadow[y, x, 2])
            for c in range(3):
                touched = max(touched, abs(one - shadow[y, x, c]))
            if has_noise and touched > zero:
                kept = through * (one - gone[y, x]) if regrain else through
                # Variances add: what the background keeps of its grain is not put on top.
                cover = np.float32(math.sqrt(max(one - kept * kept, zero)))
                light = np.float32(0.2722287) * r + np.float32(0.6740818) * g + np.float32(0.0536895) * b
                k = 0
                while k < last - 1 and light > nodes[k + 1]:
                    k += 1
                t = min(max((light - nodes[k]) / max(nodes[k + 1] - nodes[k], np.float32(1e-6)), zero), one)
                r += noise[y, x, 0] * cover * (sigmas[k, 0] + (sigmas[k + 1, 0] - sigmas[k, 0]) * t)
                g += noise[y, x, 1] * cover * (sigmas[k, 1] + (sigmas[k + 1, 1] - sigmas[k, 1]) * t)
                b += noise[y, x, 2] * cover * (sigmas[k, 2] + (sigmas[k + 1, 2] - sigmas[k, 2]) * t)
            comp[y, x, 0] = r
            comp[y, x, 1] = g
            comp[y, x, 2] = b
            support[y, x] = min(touched, one)
            matte[y, x] = one - through * (one - gone[y, x])
    return comp, support, matte


@njit(parallel=True, cache=True, nogil=True)
def bleed(element, wide, gain):  # type: ignore[no-untyped-def]
    """Lift the element's edges towards the blurred background (rgb, openness), in place."""
    height, width = element.shape[0], element.shape[1]
    for y in prange(height):
        for x in range(width):
            alpha = element[y, x, 3]
            if alpha > 0:
                edge = gain * wide[y, x, 3] * wide[y, x, 3]
                for c in range(3):
                    lift = alpha * wide[y, x, c] - element[y, x, c]
                    if lift > 0:
                        element[y, x, c] += edge * lift
