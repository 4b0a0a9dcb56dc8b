package notifications

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Choices are the ways that somebody is told of each topic: theirs, or what is
// usual.
func (s *Service) Choices(ctx context.Context, account *community.Account) (_ []community.NoticeChoice, err error) {
	defer fault.Wrap(&err, "notifications.Choices(%d)", account.ID)
	chosen, err := s.DB.Choices(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	list := make([]community.NoticeChoice, len(community.NoticeTopics))
	for i, topic := range community.NoticeTopics {
		list[i] = community.UsualChoice(topic)
		for _, c := range chosen {
			if c.Topic == topic {
				list[i] = c
			}
		}
	}
	return list, nil
}

// Mails reports whether letters can reach somebody.
func (s *Service) Mails(account *community.Account) bool {
	return s.DB.SendsLetters() && account.VerifiedEmail() != ""
}

// Choose changes the ways that somebody is told of a topic.
func (s *Service) Choose(ctx context.Context, account *community.Account, choice community.NoticeChoice) (err error) {
	defer fault.Wrap(&err, "notifications.Choose(%d, %s)", account.ID, choice.Topic)
	if err := choice.Check(); err != nil {
		return err
	}
	choice.AccountID = account.ID
	return s.DB.SaveChoice(ctx, &choice)
}

// WatchPost says how much somebody wants to hear of a thread that they may
// read.
func (s *Service) WatchPost(ctx context.Context, who *community.Actor, account *community.Account, id community.PostID, level community.WatchLevel) (err error) {
	defer fault.Wrap(&err, "notifications.WatchPost(%d)", id)
	if err := community.CheckWatch(level); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := tx.Post(ctx, id)
		if err != nil {
			return err
		}
		if err := mayRead(ctx, tx, who, post.GroupID); err != nil {
			return err
		}
		return tx.WatchPost(ctx, account.ID, id, level)
	})
}

// WatchGroup says how much somebody wants to hear of a group that they may
// read.
func (s *Service) WatchGroup(ctx context.Context, who *community.Actor, account *community.Account, group community.ActorID, level community.WatchLevel) (err error) {
	defer fault.Wrap(&err, "notifications.WatchGroup(%d)", group)
	if err := community.CheckWatch(level); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := mayRead(ctx, tx, who, group); err != nil {
			return err
		}
		return tx.WatchGroup(ctx, account.ID, group, level)
	})
}

func mayRead(ctx context.Context, tx *storage.DB, who *community.Actor, group community.ActorID) error {
	may, err := tx.MayRead(ctx, who, group)
	if err == nil && !may {
		err = community.Unseen()
	}
	return err
}

// Watched is how much somebody hears of a thread and of its group.
func (s *Service) Watched(ctx context.Context, account *community.Account, post community.PostID, group community.ActorID) (ofPost, ofGroup community.WatchLevel, err error) {
	defer fault.Wrap(&err, "notifications.Watched(%d, %d)", post, group)
	return s.DB.Watches(ctx, account.ID, post, group)
}

// conversation are the kinds of notification that come of what is said in
// threads, which somebody can want to hear nothing of.
var conversation = map[community.NotificationKind]bool{
	community.Reply: true, community.Mention: true, community.Quoted: true, community.Ended: true, community.Chosen: true,
}

// ways settles how somebody is told, and reports whether they are at all.
func (s *Service) ways(ctx context.Context, tx *storage.DB, n *community.Notification, group community.ActorID) (bool, error) {
	topic := n.Kind.Topic()
	choice, level, err := tx.Ways(ctx, n.AccountID, topic, n.PostID, group)
	if err != nil || level == community.WatchNothing && conversation[n.Kind] {
		return false, err
	}
	if topic == community.AboutSecurity {
		choice = community.UsualChoice(topic)
	}
	return n.Tell(choice), nil
}

// together says who did what is told together with each of some
// notifications, and adds those whom it names to people.
func (s *Service) together(ctx context.Context, account *community.Account, list []*community.Notification, people *[]community.ActorID) (map[string][]community.ActorID, error) {
	var bundles []string
	for _, n := range list {
		if n.Bundle != "" {
			bundles = append(bundles, n.Bundle)
		}
	}
	found, err := s.DB.Bundles(ctx, account, bundles, s.Now())
	for _, who := range found {
		*people = append(*people, who[:min(len(who), namedPeople+1)]...)
	}
	return found, err
}

// namedPeople is how many of those who did the same are named.
const namedPeople = 2

// withOthers says in v who did the same beside its actor.
func withOthers(v *community.NotificationView, who []community.ActorID, actors map[community.ActorID]*community.Actor) {
	for _, id := range who {
		if id == v.ActorID {
			continue
		}
		if v.Others++; len(v.People) < namedPeople && actors[id] != nil {
			v.People = append(v.People, actors[id])
		}
	}
}
