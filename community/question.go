package community

import (
	"slices"
	"time"

	"drystone/fault"
)

// Asks reports whether a post of a kind is a question: as its author says, or,
// where they say nothing, as it is in its group. Polls ask in a way of their
// own, and events tell.
func (k PostKind) Asks(said *bool, group *Actor) bool {
	switch {
	case k == PollPost || k == EventPost:
		return false
	case said != nil:
		return *said
	}
	return group != nil && group.Questions
}

// CheckQuestion reports why a post of a kind cannot be a question.
func (k PostKind) CheckQuestion(said *bool) error {
	if said != nil && *said && (k == PollPost || k == EventPost) {
		return fault.Field("question", "A poll or an event is no question that one comment answers. Ask in a post of its own.")
	}
	return nil
}

// FirstAnswer is when somebody else first answered the post, or the zero time.
func (p *Post) FirstAnswer() time.Time {
	if p.Answered == 0 {
		return time.Time{}
	}
	return Timestamp(Epoch.Add(time.Duration(p.Answered * float64(time.Hour))))
}

// Waits reports whether the post is a question for which no answer was chosen.
func (p *Post) Waits() bool {
	return p.Question && p.AnswerID == 0 && !p.Hidden() && p.LockedAt.IsZero()
}

// A QuestionQuery says which questions without a chosen answer are wanted, the
// oldest first.
type QuestionQuery struct {
	Group      ActorID // of one group; or
	Member     ActorID // of the groups that somebody joined
	Unanswered bool    // only those that nobody else has answered at all
	Viewer     ActorID
	Sight      *Sight
	Page
}

// Bounds of the figures about answers.
const (
	ResponseDays = 30   // how far back they look
	MostTimed    = 5000 // posts that are looked at
)

// Responses are how soon people are answered in a group.
type Responses struct {
	Posts    int           // of the last ResponseDays
	Answered int           // of these, by somebody else
	Median   time.Duration // from a post to its first answer; 0 if there is none
	Waiting  int           // questions of any age without a chosen answer; up to MostTimed
	Oldest   time.Time     // since when the oldest of them waits
}

// MedianOf is the middle of durations, or between the two in the middle.
func MedianOf(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return sorted[middle-1] + (sorted[middle]-sorted[middle-1])/2
}
