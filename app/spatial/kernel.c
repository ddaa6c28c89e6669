/* Which polygon holds a point, and the index for it, in compiled code.
 *
 * The twin of slabs.py and raster.py: the same arithmetic in the same order, so the same index to the last bit
 * and the same answers; tests hold the two together. Nothing here reads past an array whose index was built or
 * checked by index.py. What the error bound leaves undecided is handed back as UNSURE and answered in Python.
 *
 * Built by `python -m app.spatial.native` with -ffp-contract=off: a fused multiply-add would round differently.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OUTSIDE 0
#define BORDER 1
#define INSIDE 2
#define NONE (-1)
#define UNSURE (-2)
#define PAD 1e-6
#define ERROR_BOUND 4.0e-16

/* Nothing below nil is ever cut to a whole number here, so a cast is floor, and no call. */
static inline double lower(double a, double b) { return a < b ? a : b; }
static inline double higher(double a, double b) { return a < b ? b : a; }

typedef struct {
    const double *xy;            /* vertices, x and y in turn */
    const double *south;         /* by polygon */
    const double *per_degree;    /* slabs a degree, by polygon */
    const int32_t *first_slab;   /* by polygon, one more */
    const int32_t *first_edge;   /* by slab, one more */
    const int32_t *edge;         /* the vertex an edge starts at; it ends at the next */
    const int32_t *cell;         /* rows x columns */
    const int32_t *first;        /* by list, one more */
    const int32_t *candidate;    /* 2 * polygon, + 1 where it holds the whole cell */
    double west, south_all, cells_a_degree;
    int64_t rows, columns, count, lists;
} Index;

/* The same with every case told apart: vertices, level edges, edges wholly to one side. */
static int careful_side(const Index *ix, int64_t slab, double px, double py)
{
    int odd = 0, unsure = 0;
    for (int32_t k = ix->first_edge[slab]; k < ix->first_edge[slab + 1]; k++) {
        const double *a = ix->xy + 2 * (int64_t)ix->edge[k];
        double x1 = a[0], y1 = a[1], x2 = a[2], y2 = a[3];
        int above1 = y1 > py, above2 = y2 > py, west = px < x1 && px < x2, east = px > x1 && px > x2;
        if ((y1 == py && x1 == px) || (y2 == py && x2 == px)) return BORDER;
        if (y1 == py && y2 == py && !west && !east) return BORDER;
        if (above1 == above2 || east) continue;
        if (west) { odd ^= 1; continue; }
        double left = (x1 - px) * (y2 - py), right = (x2 - px) * (y1 - py), turn = left - right;
        if (fabs(turn) <= ERROR_BOUND * (fabs(left) + fabs(right))) unsure = 1;
        odd ^= (turn > 0) == above2;
    }
    return unsure ? UNSURE : odd ? INSIDE : OUTSIDE;
}

/* The side of (px, py) to polygon p: crossings of a ray to the east with the edges of its slab. Without a
 * branch an edge while every sign is sure, as almost always; else again with care. */
static inline int side_of(const Index *ix, int64_t p, double px, double py)
{
    double up = (py - ix->south[p]) * ix->per_degree[p];
    int64_t begins = ix->first_slab[p], slabs = ix->first_slab[p + 1] - begins;
    if (!(up >= 0 && up < (double)slabs)) return OUTSIDE;
    int64_t slab = begins + (int64_t)up;
    int odd = 0, unsure = 0;
    for (int32_t k = ix->first_edge[slab], end = ix->first_edge[slab + 1]; k < end; k++) {
        const double *a = ix->xy + 2 * (int64_t)ix->edge[k];
        double left = (a[0] - px) * (a[3] - py), right = (a[2] - px) * (a[1] - py), turn = left - right;
        int above1 = a[1] > py, above2 = a[3] > py;
        odd ^= (above1 ^ above2) & ((turn > 0) ^ above2 ^ 1);
        unsure |= fabs(turn) <= ERROR_BOUND * (fabs(left) + fabs(right));
    }
    if (unsure) return careful_side(ix, slab, px, py);
    return odd ? INSIDE : OUTSIDE;
}

static inline int32_t number_of(const Index *ix, double x, double y)
{
    double column = (x - ix->west) * ix->cells_a_degree;
    double row = (y - ix->south_all) * ix->cells_a_degree;
    if (!(column >= 0 && column < (double)ix->columns && row >= 0 && row < (double)ix->rows)) return NONE;
    return ix->cell[(int64_t)row * ix->columns + (int64_t)column];
}

static inline int32_t lowest_of(const Index *ix, int64_t list, double x, double y)
{
    for (int32_t k = ix->first[list]; k < ix->first[list + 1]; k++) {
        int32_t candidate = ix->candidate[k];
        if (candidate & 1) return candidate >> 1;
        int side = side_of(ix, candidate >> 1, x, y);
        if (side == UNSURE) return UNSURE;
        if (side != OUTSIDE) return candidate >> 1;
    }
    return NONE;
}

static inline int32_t second_of(const Index *ix, int64_t list, double x, double y)
{
    int32_t first = NONE, second = NONE;
    for (int32_t k = ix->first[list]; k < ix->first[list + 1]; k++) {
        int32_t candidate = ix->candidate[k];
        int side = (candidate & 1) ? INSIDE : side_of(ix, candidate >> 1, x, y);
        if (side == UNSURE) return UNSURE;
        if (side == OUTSIDE) continue;
        if (first == NONE) { first = candidate >> 1; continue; }
        if (side == INSIDE) { second = candidate >> 1; break; }
    }
    return second;
}

#define BLOCK 256
#define CHUNK 524288
#define DIGITS 11

/* Ask for what the first candidates of a block's lists will need, one step of the chain at a time over all of
 * them: points in no order then wait for memory together instead of one after another. */
static void fetch_ahead(const Index *ix, const double *x, const double *y, const int32_t *open, int64_t count,
                        const int32_t *number)
{
    int64_t slab[BLOCK];
    for (int64_t j = 0; j < count; j++) {
        __builtin_prefetch(x + open[j]);
        __builtin_prefetch(y + open[j]);
    }
    for (int64_t j = 0; j < count; j++) __builtin_prefetch(ix->first + (number[open[j]] - ix->count));
    for (int64_t j = 0; j < count; j++)
        __builtin_prefetch(ix->candidate + ix->first[number[open[j]] - ix->count]);
    for (int64_t j = 0; j < count; j++) {
        int64_t p = ix->candidate[ix->first[number[open[j]] - ix->count]] >> 1;
        __builtin_prefetch(ix->south + p);
        __builtin_prefetch(ix->per_degree + p);
        __builtin_prefetch(ix->first_slab + p);
    }
    for (int64_t j = 0; j < count; j++) {
        int64_t p = ix->candidate[ix->first[number[open[j]] - ix->count]] >> 1;
        double up = (y[open[j]] - ix->south[p]) * ix->per_degree[p];
        int64_t begins = ix->first_slab[p], slabs = ix->first_slab[p + 1] - begins;
        slab[j] = up >= 0 && up < (double)slabs ? begins + (int64_t)up : begins;
        __builtin_prefetch(ix->first_edge + slab[j]);
    }
    for (int64_t j = 0; j < count; j++) __builtin_prefetch(ix->edge + ix->first_edge[slab[j]]);
    for (int64_t j = 0; j < count; j++) {
        int32_t from = ix->first_edge[slab[j]], to = ix->first_edge[slab[j] + 1];
        for (int32_t k = from; k < to && k < from + 4; k++) __builtin_prefetch(ix->xy + 2 * (int64_t)ix->edge[k]);
    }
}

/* Put points into the order of their lists, a digit of 11 bits at a time: points in no order then meet the index
 * in order, and what one has fetched serves the next. `number` is by point. */
static void sort_open(const int32_t *number, int32_t *open, int64_t count, int32_t *room, int64_t least, int64_t most)
{
    for (int shift = 0; (most - least) >> shift; shift += DIGITS) {
        int32_t next[(1 << DIGITS) + 1] = {0};
        const int32_t mask = (1 << DIGITS) - 1;
        for (int64_t j = 0; j < count; j++) next[(((number[open[j]] - least) >> shift) & mask) + 1]++;
        for (int b = 1; b <= mask; b++) next[b] += next[b - 1];
        for (int64_t j = 0; j < count; j++) room[next[((number[open[j]] - least) >> shift) & mask]++] = open[j];
        memcpy(open, room, (size_t)count * sizeof(int32_t));
    }
}

static int64_t answer_chunk(const Index *ix, const double *x, const double *y, int64_t n, int32_t *out,
                            int want_second, int32_t *room)
{
    int32_t *number = room, *open = room + n;
    int64_t count = 0, unsure = 0;
    for (int64_t k = 0; k < n; k++) number[k] = number_of(ix, x[k], y[k]);
    for (int64_t k = 0; k < n; k++) {
        int whole = number[k] < ix->count;
        out[k] = (whole && !want_second) ? number[k] : NONE;
        open[count] = (int32_t)k;
        count += !whole;
    }
    if (count > BLOCK) sort_open(number, open, count, room + 2 * n, ix->count, ix->count + ix->lists);
    for (int64_t start = 0; start < count; start += BLOCK) {
        int64_t size = count - start < BLOCK ? count - start : BLOCK;
        fetch_ahead(ix, x, y, open + start, size, number);
        for (int64_t j = start; j < start + size; j++) {
            int64_t k = open[j], list = number[k] - ix->count;
            out[k] = want_second ? second_of(ix, list, x[k], y[k]) : lowest_of(ix, list, x[k], y[k]);
            unsure += out[k] == UNSURE;
        }
    }
    return unsure;
}

/* Rows of n points into out (-1 none, -2 unsure); how many are unsure: all where memory has ended. */
static int64_t answer(const Index *ix, const double *x, const double *y, int64_t n, int32_t *out, int want_second)
{
    int64_t unsure = 0, most = n < CHUNK ? n : CHUNK;
    int32_t *room = malloc((size_t)(3 * most + 1) * sizeof(int32_t));
    if (!room) {
        for (int64_t k = 0; k < n; k++) out[k] = UNSURE;
        return n;
    }
    for (int64_t start = 0; start < n; start += most) {
        int64_t size = n - start < most ? n - start : most;
        unsure += answer_chunk(ix, x + start, y + start, size, out + start, want_second, room);
    }
    free(room);
    return unsure;
}

int64_t getu_locate(const Index *ix, const double *x, const double *y, int64_t n, int32_t *out)
{
    return answer(ix, x, y, n, out, 0);
}

int64_t getu_second(const Index *ix, const double *x, const double *y, int64_t n, int32_t *out)
{
    return answer(ix, x, y, n, out, 1);
}

/* --- the index: slabs ------------------------------------------------------------------------------- */

/* Edges of polygon p are edges[first[p]] to edges[first[p + 1]]; count how many lie in each of its slabs. */
void getu_count_slabs(const double *xy, const int32_t *edges, const int64_t *first, const double *south,
                      const double *per_degree, const int32_t *first_slab, int64_t begin, int64_t end,
                      int32_t *tally)
{
    for (int64_t p = begin; p < end; p++) {
        int32_t *mine = tally + first_slab[p];
        for (int64_t k = first[p]; k < first[p + 1]; k++) {
            double y1 = xy[2 * (int64_t)edges[k] + 1], y2 = xy[2 * (int64_t)edges[k] + 3];
            int64_t low = (int64_t)(((y1 < y2 ? y1 : y2) - south[p]) * per_degree[p]);
            int64_t high = (int64_t)(((y1 < y2 ? y2 : y1) - south[p]) * per_degree[p]);
            for (int64_t s = low; s <= high; s++) mine[s]++;
        }
    }
}

/* Put the edges into their slabs, in their order; `next` says where each slab's next edge goes. */
void getu_fill_slabs(const double *xy, const int32_t *edges, const int64_t *first, const double *south,
                     const double *per_degree, const int32_t *first_slab, int64_t begin, int64_t end,
                     int32_t *next, int32_t *edge)
{
    for (int64_t p = begin; p < end; p++) {
        int32_t *mine = next + first_slab[p];
        for (int64_t k = first[p]; k < first[p + 1]; k++) {
            double y1 = xy[2 * (int64_t)edges[k] + 1], y2 = xy[2 * (int64_t)edges[k] + 3];
            int64_t low = (int64_t)(((y1 < y2 ? y1 : y2) - south[p]) * per_degree[p]);
            int64_t high = (int64_t)(((y1 < y2 ? y2 : y1) - south[p]) * per_degree[p]);
            for (int64_t s = low; s <= high; s++) edge[mine[s]++] = edges[k];
        }
    }
}

/* --- the index: cells ------------------------------------------------------------------------------- */

typedef struct {
    int64_t *at;
    int64_t count, room;
} Heap;

static int push(Heap *heap, int64_t value)
{
    if (heap->count == heap->room) {
        int64_t room = heap->room ? 2 * heap->room : 4096;
        int64_t *at = realloc(heap->at, (size_t)room * sizeof(int64_t));
        if (!at) return 0;
        heap->at = at;
        heap->room = room;
    }
    heap->at[heap->count++] = value;
    return 1;
}

/* Cells of the polygons begin..end: `border` (place) ascending within each polygon, of which there are
 * borders[p - begin]; `inner` (place, length) in turn, of which there are runs[p - begin] pairs. */
typedef struct {
    Heap border, inner;
    int64_t *borders, *runs;
    int64_t begin, end;
} Outline;

void getu_release(Outline *outline)
{
    if (!outline) return;
    free(outline->border.at);
    free(outline->inner.at);
    free(outline->borders);
    free(outline->runs);
    free(outline);
}

static int pass_edge(const Index *ix, Heap *border, const double *a)
{
    double ax = (a[0] - ix->west) * ix->cells_a_degree, ay = (a[1] - ix->south_all) * ix->cells_a_degree;
    double bx = (a[2] - ix->west) * ix->cells_a_degree, by = (a[3] - ix->south_all) * ix->cells_a_degree;
    int upward = ay <= by;
    double lx = upward ? ax : bx, ly = upward ? ay : by, hx = upward ? bx : ax, hy = upward ? by : ay;
    double rise = hy - ly, run = hx - lx, slope = rise > 0 ? run / rise : 0;
    int64_t last = (int64_t)(hy + PAD);
    for (int64_t row = (int64_t)(ly - PAD); row <= last; row++) {
        double bottom = higher((double)row - PAD, ly) - ly, top = lower((double)row + 1 + PAD, hy) - ly;
        double x0 = lx + slope * bottom, x1 = lx + slope * top;
        if (rise <= 2 * PAD) { x0 = lx; x1 = hx; }
        int64_t left = (int64_t)(lower(x0, x1) - PAD), right = (int64_t)(higher(x0, x1) + PAD);
        for (int64_t column = left; column <= right; column++) {
            int64_t place = row * ix->columns + column;
            if (border->count && border->at[border->count - 1] == place) continue;
            if (!push(border, place)) return 0;
        }
    }
    return 1;
}

/* Shell's sort: some hundred places a polygon, and no worst case worth a name. */
static void sort_places(int64_t *at, int64_t n)
{
    for (int64_t gap = n; gap > 1;) {
        gap = gap == 2 ? 1 : gap * 5 / 11;
        if (gap < 1) gap = 1;
        for (int64_t k = gap; k < n; k++) {
            int64_t value = at[k], j = k;
            for (; j >= gap && at[j - gap] > value; j -= gap) at[j] = at[j - gap];
            at[j] = value;
        }
    }
}

static int outline_polygon(const Index *ix, const int32_t *edges, const int64_t *first, int64_t p, Outline *out)
{
    Heap *border = &out->border;
    int64_t start = border->count, kept, runs = 0;
    /* A cell of the polygon before must not be taken for a repeat of this one's first. */
    if (!push(border, -1)) return 0;
    for (int64_t k = first[p]; k < first[p + 1]; k++)
        if (!pass_edge(ix, border, ix->xy + 2 * (int64_t)edges[k])) return 0;
    memmove(border->at + start, border->at + start + 1, (size_t)(border->count - start - 1) * sizeof(int64_t));
    border->count--;
    sort_places(border->at + start, border->count - start);
    kept = start;
    for (int64_t k = start; k < border->count; k++)
        if (k == start || border->at[k] != border->at[kept - 1]) border->at[kept++] = border->at[k];
    border->count = kept;
    for (int64_t k = start; k + 1 < kept; k++) {
        int64_t place = border->at[k] + 1, length = border->at[k + 1] - place;
        int64_t row = border->at[k] / ix->columns;
        if (length < 1 || border->at[k + 1] / ix->columns != row) continue;
        double size = 1.0 / ix->cells_a_degree;
        double x = ix->west + ((double)(place % ix->columns) + 0.5) * size;
        double y = ix->south_all + ((double)(place / ix->columns) + 0.5) * size;
        int side = side_of(ix, p, x, y);
        if (side == UNSURE) return 0;
        if (side != INSIDE) continue;
        if (!push(&out->inner, place) || !push(&out->inner, length)) return 0;
        runs++;
    }
    out->borders[p - out->begin] = kept - start;
    out->runs[p - out->begin] = runs;
    return 1;
}

/* The cells of some polygons; null where memory ended or a middle was undecided (Python then builds alone). */
Outline *getu_outline(const Index *ix, const int32_t *edges, const int64_t *first, int64_t begin, int64_t end)
{
    Outline *out = calloc(1, sizeof(Outline));
    if (!out) return 0;
    out->begin = begin;
    out->end = end;
    out->borders = calloc((size_t)(end - begin) + 1, sizeof(int64_t));
    out->runs = calloc((size_t)(end - begin) + 1, sizeof(int64_t));
    int well = out->borders && out->runs;
    for (int64_t p = begin; well && p < end; p++) well = outline_polygon(ix, edges, first, p, out);
    if (well) return out;
    getu_release(out);
    return 0;
}

#define LISTED ((int32_t)1 << 30)

/* Number the cells (all -1 before) and say how many lists and candidates there will be. `tally` (by cell, zero
 * before) holds how many polygons touch each listed cell. */
void getu_number_cells(Outline **outline, int64_t outlines, int64_t cells, int64_t count, int32_t *cell,
                       int32_t *tally, int64_t *sizes)
{
    for (int64_t o = 0; o < outlines; o++) {
        const int64_t *border = outline[o]->border.at, *inner = outline[o]->inner.at;
        for (int64_t p = outline[o]->begin; p < outline[o]->end; p++) {
            for (int64_t k = outline[o]->borders[p - outline[o]->begin]; k > 0; k--, border++)
                tally[*border] = (tally[*border] + 1) | LISTED;
            for (int64_t k = outline[o]->runs[p - outline[o]->begin]; k > 0; k--, inner += 2)
                for (int64_t c = inner[0]; c < inner[0] + inner[1]; c++) {
                    tally[c] += 1;
                    cell[c] = (int32_t)p;
                }
        }
    }
    int64_t lists = 0, total = 0;
    for (int64_t c = 0; c < cells; c++) {
        int32_t many = tally[c] & (LISTED - 1);
        if (!(tally[c] & LISTED) && many < 2) continue;
        cell[c] = (int32_t)(count + lists++);
        total += many;
    }
    sizes[0] = lists;
    sizes[1] = total;
}

/* Fill the lists, candidates ascending: polygons come in their order. `next` has room for every list. */
void getu_fill_lists(Outline **outline, int64_t outlines, int64_t cells, int64_t count, const int32_t *cell,
                     const int32_t *tally, int32_t *first, int32_t *next, int32_t *candidate)
{
    int64_t list = 0;
    first[0] = 0;
    for (int64_t c = 0; c < cells; c++)
        if (cell[c] >= count) {
            next[list] = first[list];
            first[list + 1] = first[list] + (tally[c] & (LISTED - 1));
            list++;
        }
    for (int64_t o = 0; o < outlines; o++) {
        const int64_t *border = outline[o]->border.at, *inner = outline[o]->inner.at;
        for (int64_t p = outline[o]->begin; p < outline[o]->end; p++) {
            for (int64_t k = outline[o]->borders[p - outline[o]->begin]; k > 0; k--, border++)
                candidate[next[cell[*border] - count]++] = (int32_t)(2 * p);
            for (int64_t k = outline[o]->runs[p - outline[o]->begin]; k > 0; k--, inner += 2)
                for (int64_t c = inner[0]; c < inner[0] + inner[1]; c++)
                    if (cell[c] >= count) candidate[next[cell[c] - count]++] = (int32_t)(2 * p + 1);
        }
    }
}
