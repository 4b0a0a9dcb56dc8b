package community

import (
	"math"
	"time"
)

// Epoch is the instant from which ages are measured. Ranks grow with the
// time of birth instead of shrinking with age, so a stored rank stays right
// until a vote arrives (PERFORMANCE.md, section 3).
var Epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// How fast ranks forget, per hour: slowly within a group, faster where all
// groups meet.
const (
	ForgetGroup = 0.2
	ForgetAll   = 0.6
)

// NecroHours is how long after its birth an answer still stirs a post.
const NecroHours = 48

// Hours is t in hours since Epoch.
func Hours(t time.Time) float64 { return t.Sub(Epoch).Hours() }

// Appeal is the part of a rank that votes decide: it rises ever more slowly
// with the score and falls below zero votes. storage repeats it in SQL, and a
// test holds the two together.
func Appeal(score int64) float64 {
	if score >= 0 {
		return math.Log(math.Log10(float64(score) + 2))
	}
	return math.Log(math.Log10(2)) - math.Log(1-float64(score))
}

// Rank sets the post's ranks from its score and ages.
func (p *Post) Rank() {
	appeal := Appeal(p.Score)
	p.HotGroup = appeal + ForgetGroup*p.Born
	p.HotAll = appeal + ForgetAll*p.Born
	p.Active = appeal + ForgetGroup*p.Stirred
	p.Scaled = appeal + ForgetGroup*p.Born - p.Crowd
	p.Controversial = Contention(p.Ups, p.Downs)
}

// Contention is how much people quarrel about something: the number of votes,
// raised to how even the two sides are. storage repeats it in SQL, too.
func Contention(ups, downs int64) float64 {
	if ups <= 0 || downs <= 0 {
		return 0
	}
	return math.Pow(float64(ups+downs), float64(min(ups, downs))/float64(max(ups, downs)))
}

// CrowdOf is how many posts of a group say how busy it is.
const CrowdOf = 20

// Crowd is what a post loses in the scaled order because its group is busy, if
// the group's last posts came within so many hours: the logarithm of what the
// group says in a day. So what a group of a hundred posts a day says has to be
// liked a hundred times as well as what a quiet one says, or be 23 hours
// younger. Fewer posts than CrowdOf make no crowd.
func Crowd(posts int, hours float64) float64 {
	if posts < CrowdOf {
		return 0
	}
	return math.Log1p(float64(posts) * 24 / max(hours, 0.1))
}

// Rank sets the comment's rank from its score and age.
func (c *Comment) Rank() { c.Hot = Appeal(c.Score) + ForgetGroup*c.Born }
