package community_test

import (
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
)

func options(texts ...string) []community.PollOption {
	list := make([]community.PollOption, len(texts))
	for i, text := range texts {
		list[i] = community.PollOption{ID: community.OptionID(i + 1), Text: text}
	}
	return list
}

func TestPollsMadeHere(t *testing.T) {
	many := strings.Split(strings.Repeat("x,", 13), ",")[:13]
	for i := range many {
		many[i] += strings.Repeat("y", i)
	}
	tests := []struct {
		name  string
		poll  community.Poll
		field string
	}{
		{"two options", community.Poll{Options: options("a", " b  c ")}, ""},
		{"twelve options", community.Poll{Options: options(many[:12]...)}, ""},
		{"open for a year", community.Poll{Options: options("a", "b"), ClosesAt: noon.Add(365 * 24 * time.Hour)}, ""},
		{"no option", community.Poll{}, "poll.options"},
		{"one option", community.Poll{Options: options("a")}, "poll.options"},
		{"thirteen options", community.Poll{Options: options(many...)}, "poll.options"},
		{"an empty option", community.Poll{Options: options("a", " \n")}, "poll.options"},
		{"the same twice", community.Poll{Options: options("Tea", "tea ")}, "poll.options"},
		{"a long option", community.Poll{Options: options("a", strings.Repeat("ü", 101))}, "poll.options"},
		{"over already", community.Poll{Options: options("a", "b"), ClosesAt: noon}, "poll.closes_at"},
		{"open for two years", community.Poll{Options: options("a", "b"), ClosesAt: noon.AddDate(2, 0, 0)}, "poll.closes_at"},
	}
	for _, test := range tests {
		err := test.poll.Check(noon)
		coded, _ := fault.As(err)
		if (err == nil) != (test.field == "") || coded != nil && coded.Field != test.field {
			t.Errorf("%s: %v, want an error in %q", test.name, err, test.field)
		}
	}
	poll := community.Poll{Options: options("a", " b  c ")}
	if err := poll.Check(noon); err != nil || poll.Options[1].Text != "b c" || poll.Options[1].Position != 1 || !poll.ClosesAt.Equal(noon.Add(community.BasePollTime)) {
		t.Errorf("it became %+v, %v", poll, err)
	}
}

func TestPollsFromElsewhereFitOrAreNone(t *testing.T) {
	tests := []struct {
		name    string
		options []community.PollOption
		want    bool
	}{
		{"one option, as some allow", options("a"), true},
		{"twenty", options(strings.Split("abcdefghijklmnopqrst", "")...), true},
		{"none", nil, false},
		{"an empty one", options("a", " "), false},
		{"the same twice", options("a", "a"), false},
		{"a book", options("a", strings.Repeat("x", 501)), false},
		{"forty-one", options(strings.Split(strings.Repeat("x", 41), "")...), false},
	}
	for _, test := range tests {
		if got := (&community.Poll{Options: test.options}).Fits(); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	poll := &community.Poll{Options: []community.PollOption{{Text: "a\x00", Votes: -7}}, Voters: -1}
	if !poll.Fits() || poll.Options[0].Text != "a" || poll.Options[0].Votes != 0 || poll.Voters != 0 {
		t.Errorf("it became %+v", poll)
	}
}

func TestWhoMayVoteInAPoll(t *testing.T) {
	ids := func(list ...community.OptionID) []community.OptionID { return list }
	tests := []struct {
		name           string
		multiple, here bool
		closes         time.Time
		chosen, before []community.OptionID
		want           fault.Code
	}{
		{"one of one", false, true, noon.Add(time.Hour), ids(1), nil, fault.None},
		{"two of several", true, true, noon.Add(time.Hour), ids(1, 2), nil, fault.None},
		{"one that stays open", false, true, time.Time{}, ids(2), nil, fault.None},
		{"nothing", true, true, noon.Add(time.Hour), nil, nil, fault.Invalid},
		{"two of one", false, true, noon.Add(time.Hour), ids(1, 2), nil, fault.Invalid},
		{"the same twice", true, true, noon.Add(time.Hour), ids(1, 1), nil, fault.Invalid},
		{"what is not there", false, true, noon.Add(time.Hour), ids(9), nil, fault.Invalid},
		{"one that is closed", false, true, noon, ids(1), nil, fault.Forbidden},
		{"again", false, true, noon.Add(time.Hour), ids(2), ids(1), fault.Conflict},
		{"more, here", true, true, noon.Add(time.Hour), ids(2), ids(1), fault.Conflict},
		{"more, from elsewhere", true, false, noon.Add(time.Hour), ids(2), ids(1), fault.None},
		{"the same again, from elsewhere", true, false, noon.Add(time.Hour), ids(1), ids(1), fault.Conflict},
		{"another of one, from elsewhere", false, false, noon.Add(time.Hour), ids(2), ids(1), fault.Conflict},
	}
	for _, test := range tests {
		poll := &community.Poll{Multiple: test.multiple, ClosesAt: test.closes, Options: options("a", "b", "c")}
		if got := fault.CodeOf(poll.MayVote(test.chosen, test.before, test.here, noon)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
