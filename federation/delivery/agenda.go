package delivery

import (
	"container/heap"
	"time"
)

// agenda holds the couriers that wait for a moment, the next one first. A
// courier that is not on it costs nothing.
type agenda struct{ heap couriersByTime }

// set puts a courier on the agenda, or moves it.
func (g *agenda) set(c *courier, at time.Time) {
	c.dueAt = at
	if c.place > 0 {
		heap.Fix(&g.heap, c.place-1)
		return
	}
	heap.Push(&g.heap, c)
}

// drop takes a courier off, if it is on.
func (g *agenda) drop(c *courier) {
	if c.place > 0 {
		heap.Remove(&g.heap, c.place-1)
	}
}

// due takes off and returns all whose moment has come.
func (g *agenda) due(now time.Time) []*courier {
	var list []*courier
	for len(g.heap) > 0 && !g.heap[0].dueAt.After(now) {
		list = append(list, heap.Pop(&g.heap).(*courier)) //nolint:forcetypeassert // nothing else is on it
	}
	return list
}

// next returns the next moment; ok is false if nobody waits.
func (g *agenda) next() (at time.Time, ok bool) {
	if len(g.heap) == 0 {
		return time.Time{}, false
	}
	return g.heap[0].dueAt, true
}

// couriersByTime is a heap.Interface. A courier's place is its index and one,
// so that zero means that it is not on it.
type couriersByTime []*courier

func (h couriersByTime) Len() int           { return len(h) }
func (h couriersByTime) Less(i, j int) bool { return h[i].dueAt.Before(h[j].dueAt) }

func (h couriersByTime) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i+1, j+1
}

func (h *couriersByTime) Push(x any) {
	c := x.(*courier) //nolint:forcetypeassert // see agenda
	*h = append(*h, c)
	c.place = len(*h)
}

func (h *couriersByTime) Pop() any {
	old := *h
	c := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	c.place = 0
	return c
}
