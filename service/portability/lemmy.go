package portability

import (
	"context"

	"drystone/community"
)

// lemmySettings is what Lemmy exports and imports as the settings of a user:
// UserSettingsBackup of its 0.19, which its 1.0 reads too. Lemmy 1.0 refuses a
// file with anything else in it. Everything may be absent.
type lemmySettings struct {
	DisplayName *string `json:"display_name,omitempty"`
	Bio         *string `json:"bio,omitempty"`
	Bot         *bool   `json:"bot_account,omitempty"`

	Followed         []string `json:"followed_communities"`
	SavedPosts       []string `json:"saved_posts"`
	SavedComments    []string `json:"saved_comments"`
	BlockedGroups    []string `json:"blocked_communities"`
	BlockedPeople    []string `json:"blocked_users"`
	BlockedInstances []string `json:"blocked_instances"`
}

func (s *Service) lemmy(ctx context.Context, x *exporting) ([]byte, error) {
	bot := x.who.Kind == community.Service
	file := lemmySettings{
		DisplayName: &x.who.Title, Bio: &x.who.Summary, Bot: &bot,
		Followed: []string{}, SavedPosts: []string{}, SavedComments: []string{},
		BlockedGroups: []string{}, BlockedPeople: []string{}, BlockedInstances: []string{},
	}
	joined, err := s.DB.Joined(ctx, x.who.ID)
	if err != nil {
		return nil, err
	}
	for _, g := range joined {
		file.Followed = append(file.Followed, g.IRI)
	}
	away, err := s.DB.AllBlocks(ctx, x.who.ID, s.now())
	if err != nil {
		return nil, err
	}
	for _, b := range away {
		switch {
		case b.Kind == community.BlockServer:
			file.BlockedInstances = append(file.BlockedInstances, b.Host)
		case b.Kind == community.BlockGroup && b.Target != nil:
			file.BlockedGroups = append(file.BlockedGroups, b.Target.IRI)
		case b.Kind == community.BlockPerson && !b.Mute && b.Target != nil:
			file.BlockedPeople = append(file.BlockedPeople, b.Target.IRI)
		}
	}
	for last, more := int64(0), true; more; {
		var posts, comments []string
		if posts, comments, last, more, err = s.savedIRIs(ctx, x.who.ID, last); err != nil {
			return nil, err
		}
		file.SavedPosts, file.SavedComments = append(file.SavedPosts, posts...), append(file.SavedComments, comments...)
	}
	return pretty(file)
}
